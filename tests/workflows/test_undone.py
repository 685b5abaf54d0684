"""What the provider takes back is booked once, told of, and goes out again as an agent says."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from temporalio.client import WorkflowUpdateFailedError

from domain.contracts import AttentionAction, ResolveAttention
from domain.correcting.rules import CorrectionKind, CorrectionStatus
from domain.ledger import (
    Bearer,
    chargeback_booking,
    chargeback_lost_booking,
    platform_bears,
)
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.database.invariants import check_invariants
from infra.database.ledger import book
from infra.identifiers import new_id
from tests.waiting import until
from tests.workflows.correcting import Correcting, eur
from tests.workflows.play import Play, refusal_of
from tests.workflows.test_correction import completed, unpaid

WAITING, DONE = CorrectionStatus.WAITING, CorrectionStatus.DONE


async def refunded(play: Play) -> Correcting:
    """Cancel a delivery whose payment is held: it is refunded in full and closed."""
    await play.held()
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
    return Correcting(play)


def by_hand() -> ResolveAttention:
    """What an operator sends who did it at the provider."""
    return ResolveAttention(AttentionAction.DONE_BY_HAND, new_id(), "phoned the provider")


async def fails(after: Correcting, operation_id: str) -> None:
    """Let the bank send a refund back, and have it told."""
    await after.provider.fail_refund(operation_id)
    await after.undone(operation_id)
    await after.waiting(WAITING)


async def test_a_refund_that_fails_after_the_close_is_booked_back_and_given_again(
    play: Play,
) -> None:
    after = await refunded(play)
    refund = after.operation("refund")
    await fails(after, refund)
    assert (await after.totals()).held == 4_200
    assert await after.items() == {f"undone:{refund}": True}
    assert (await play.events())[-1] == "refund_undone"
    assert not (await check_invariants(play.engine, play.order.delivery_id)).violations
    await after.again(refund)
    assert await after.undone_handle(refund).result() is True
    totals = await after.totals()
    assert (totals.refunded, totals.is_settled) == (4_200, True)
    assert await after.items() == {f"undone:{refund}": False}
    assert (await play.events())[-3:] == ["refund_undone", "correction_resumed", "refunded_again"]


async def test_a_refund_is_given_again_by_hand(play: Play) -> None:
    after = await refunded(play)
    refund = after.operation("refund")
    await fails(after, refund)
    assert await refusal_of(after.done_by_hand(refund, " ")) == "wrong_state"
    assert await refusal_of(after.again(refund, "pay_out_again")) == "wrong_state"
    await after.done_by_hand(refund, f"bank transfer {new_id()}")
    await after.undone_handle(refund).result()
    (row,) = await after.rows()
    assert (row.status, row.kind, row.bearer) == ("done", "refund_again", "customer")
    assert row.reference.startswith("bank transfer")
    assert (await after.totals()).is_settled


async def test_the_news_may_come_often_and_late_and_changes_the_books_once(play: Play) -> None:
    after = await refunded(play)
    refund = after.operation("refund")
    await after.provider.fail_refund(refund)
    handles = [await after.undone(refund, f"news {number}") for number in range(5)]
    await after.waiting(WAITING)
    assert len({handle.first_execution_run_id for handle in handles}) == 1
    await after.again(refund)
    await after.undone_handle(refund).result()
    late = await after.undone(refund, "a month later")
    assert await late.result() is False
    assert len(await after.rows()) == 1
    totals = await after.totals()
    assert (totals.refunded, totals.is_settled) == (4_200, True)


async def test_a_refund_that_stands_is_left_alone(play: Play) -> None:
    after = await refunded(play)
    handle = await after.undone(after.operation("refund"))
    assert await handle.result() is False
    assert await after.rows() == []
    assert await after.items() == {}


async def test_what_is_given_again_may_come_undone_too(play: Play) -> None:
    after = await refunded(play)
    first = after.operation("refund")
    await fails(after, first)
    await after.again(first)
    await after.undone_handle(first).result()
    (row,) = await after.rows()
    second = f"{first}:{row.correction_id}"
    await fails(after, second)
    await after.done_by_hand(second, f"cheque {new_id()}")
    await after.undone_handle(second).result()
    assert (await after.totals()).is_settled


@pytest.mark.parametrize("bearer", [Bearer.PLATFORM, Bearer.TRAVELER])
async def test_goodwill_that_comes_undone_is_given_again_by_whoever_bore_it(
    play: Play, bearer: Bearer
) -> None:
    after = await unpaid(play)
    await after.refund(1_000, bearer)
    before = await after.totals()
    (order,) = await after.rows()
    refund = f"{after.operation('refund')}:{order.correction_id}"
    await fails(after, refund)
    waiting = await after.totals()
    assert (waiting.held, waiting.losses, waiting.dues) == (1_000, before.losses, before.dues)
    await after.again(refund)
    await after.undone_handle(refund).result()
    assert await after.totals() == before


async def test_while_a_refund_waits_to_be_given_again_nobody_else_is_given_its_money(
    play: Play,
) -> None:
    after = await refunded(play)
    await fails(after, after.operation("refund"))
    with pytest.raises(WorkflowUpdateFailedError):
        await after.refund(100)


async def test_a_share_that_comes_undone_while_the_rest_is_released_harms_neither(
    play: Play,
) -> None:
    await play.delivered(account="acct_sandbox_t_refused")
    await play.dispute()
    await play.decide(VerdictOutcome.SPLIT, 1_200)
    await play.parked("release_funds")
    after = Correcting(play)
    refund = after.operation("refund")
    await fails(after, refund)
    assert (await play.standing())["status"] == DeliveryStatus.SETTLING
    await play.resolve(by_hand())
    await play.parked("pay_out")
    await play.resolve(by_hand())
    assert await play.closed() is DeliveryStatus.SETTLED
    assert (await after.totals()).held == 1_200
    assert not (await check_invariants(play.engine, play.order.delivery_id)).violations
    await after.again(refund)
    await after.undone_handle(refund).result()
    totals = await after.totals()
    assert (totals.refunded, totals.transferred, totals.is_settled) == (1_200, 2_700, True)


async def test_news_that_comes_while_the_delivery_closes_waits_for_its_record(play: Play) -> None:
    await play.held(method="pm_sandbox_ok_refund_pending")
    await play.cancel()
    after = Correcting(play)
    refund = after.operation("refund")
    await play.reach(DeliveryStatus.REFUNDING)
    early = await after.undone(refund)
    assert await early.result() is False, "nothing is booked yet that could be booked back"
    await settled_at_provider(after, refund)
    await play.closed()
    await fails(after, refund)
    assert (await after.totals()).held == 4_200


async def settled_at_provider(after: Correcting, refund: str) -> None:
    async def is_there() -> bool:
        return bool(await after.provider.objects(refund))

    await until(is_there)
    await after.provider.settle(refund)


async def test_an_agent_who_does_nothing_is_reminded_every_day(play: Play) -> None:
    after = await refunded(play)
    refund = after.operation("refund")
    await fails(after, refund)
    handle = after.undone_handle(refund)
    await play.pass_time(timedelta(days=1, seconds=1), handle)

    async def is_reminded() -> bool:
        return (await play.events()).count("correction_waits") == 1

    await until(is_reminded)
    await after.again(refund)
    await handle.result()


async def test_a_refund_that_fails_again_at_once_waits_for_the_agent_again(play: Play) -> None:
    await play.held(method="pm_sandbox_ok")
    await play.cancel()
    await play.closed()
    after = Correcting(play)
    refund = after.operation("refund")
    await fails(after, refund)
    async with play.engine.begin() as connection:
        charge = f"{play.order.delivery_id}:charge:1"
        await connection.execute(
            text(
                "UPDATE sandbox_charge SET method = 'pm_sandbox_ok_refund_refused'"
                " WHERE operation_id = :charge"
            ),
            {"charge": charge},
        )
    await after.again(refund)

    async def is_back() -> bool:
        (row,) = await after.rows()
        return (row.status, row.problem) == ("waiting", "provider_refused")

    await until(is_back)
    await after.done_by_hand(refund, f"cash {new_id()}")
    await after.undone_handle(refund).result()
    assert (await after.totals()).is_settled


async def test_a_payout_that_comes_back_is_owed_again_and_sent_again(play: Play) -> None:
    after = await completed(play)
    payout = after.operation("payout")
    await after.provider.fail_payout(payout, "acct_sandbox_t")
    await after.undone(payout)
    await after.waiting(WAITING)
    assert await play.balance(f"traveler_payable:{play.traveler.person_id}") == 3_780
    assert not (await check_invariants(play.engine, play.order.delivery_id)).violations
    assert await refusal_of(after.again(payout)) == "wrong_state"
    await after.again(payout, "pay_out_again")
    assert await after.undone_handle(payout).result() is True
    assert await play.balance(f"traveler_payable:{play.traveler.person_id}") == 0
    assert (await play.events())[-3:] == ["payout_undone", "correction_resumed", "paid_out_again"]
    assert await after.items() == {f"undone:{payout}": False}


async def test_a_charge_that_fails_after_all_is_the_customer_s_debt_once_it_was_released(
    play: Play,
) -> None:
    after = await completed(play)
    charge = after.operation("charge:1")
    await bounces(play, charge)
    handle = await after.undone(charge)
    assert await handle.result() is False, "nothing goes out again"
    totals = await after.totals()
    assert (totals.charged, totals.dues, totals.transferred) == (0, 4_200, 3_780)
    assert await after.items() == {f"undone:{charge}": True}
    assert (await play.events())[-1] == "charge_undone"
    paid = {"debtor": Bearer.CUSTOMER, "reference": "bank transfer 3"}
    assert await after.correct(CorrectionKind.DUES_PAID, 4_200, **paid) is DONE
    assert (await after.totals()).is_settled


async def bounces(play: Play, charge: str) -> None:
    """Let the customer's bank take a charge back that had succeeded."""
    async with play.engine.begin() as connection:
        await connection.execute(
            text(
                "UPDATE sandbox_charge SET status = 'declined', transferred_minor = 0"
                " WHERE operation_id = :charge"
            ),
            {"charge": charge},
        )


async def lose_a_part(after: Correcting, amount_minor: int) -> None:
    """Let a bank take a part of what waits to be given again."""
    delivery_id, lost = after.play.order.delivery_id, eur(amount_minor)
    taken = (
        chargeback_booking(f"taken:{delivery_id}", delivery_id, lost),
        chargeback_lost_booking(
            f"lost:{delivery_id}", delivery_id, platform_bears(lost, held=lost)
        ),
    )
    async with after.play.engine.begin() as connection:
        await book(connection, taken)


async def test_what_a_lost_chargeback_has_left_of_a_refund_is_given_again(play: Play) -> None:
    after = await refunded(play)
    refund = after.operation("refund")
    await fails(after, refund)
    await lose_a_part(after, 1_200)
    assert await refusal_of(after.again(refund, "give_up")) == "skip_not_safe"
    await after.again(refund)
    assert await after.undone_handle(refund).result() is True
    totals = await after.totals()
    assert (totals.refunded, totals.charged_back, totals.is_settled) == (3_000, 1_200, True)
    assert [row.status for row in await after.rows()] == ["done"]
    assert not (await check_invariants(play.engine, play.order.delivery_id)).violations


async def test_whoever_gives_by_hand_what_was_partly_taken_must_say_it_for_the_rest(
    play: Play,
) -> None:
    after = await refunded(play)
    refund = after.operation("refund")
    await fails(after, refund)
    await lose_a_part(after, 1_200)
    await after.done_by_hand(refund, f"bank transfer {new_id()}")
    await until(lambda: is_told_of_a_part(after))
    await after.done_by_hand(refund, f"bank transfer {new_id()}")
    assert await after.undone_handle(refund).result() is True
    totals = await after.totals()
    assert (totals.refunded, totals.charged_back, totals.is_settled) == (3_000, 1_200, True)


async def is_told_of_a_part(after: Correcting) -> bool:
    (row,) = await after.rows()
    return bool(row.status == WAITING and row.problem == "only_a_part_is_left")


async def test_what_waits_is_given_up_only_once_its_money_has_gone_another_way(
    play: Play,
) -> None:
    after = await refunded(play)
    refund = after.operation("refund")
    await fails(after, refund)
    assert await refusal_of(after.again(refund, "give_up")) == "skip_not_safe"
    taken = (
        chargeback_booking("taken:" + refund, play.order.delivery_id, eur(4_200)),
        chargeback_lost_booking(
            "lost:" + refund, play.order.delivery_id, platform_bears(eur(4_200), held=eur(4_200))
        ),
    )
    async with play.engine.begin() as connection:
        await book(connection, taken)
    await after.again(refund, "give_up")
    assert await after.undone_handle(refund).result() is True
    assert [row.status for row in await after.rows()] == ["given_up"]
    assert (await after.totals()).is_settled
    assert await after.items() == {f"undone:{refund}": False}
