"""Goodwill, compensation and debts after the close: each moves once, and the books stay whole."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.contracts import AttentionAction, CodePurpose, ResolveAttention
from domain.correcting.rules import CorrectionKind, CorrectionStatus
from domain.ledger import Bearer
from domain.status import DeliveryStatus
from infra.identifiers import new_id
from tests.workflows.correcting import Correcting
from tests.workflows.play import Play, refusal_of

GOODWILL, COMPENSATION = CorrectionKind.GOODWILL_REFUND, CorrectionKind.COMPENSATION
DONE, GIVEN_UP = CorrectionStatus.DONE, CorrectionStatus.GIVEN_UP
SKIP = ResolveAttention(AttentionAction.SKIP, reason="the bank has closed")


async def carried(play: Play) -> Correcting:
    """Bring a delivery whose payment is held to its close."""
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    return Correcting(play)


async def completed(play: Play) -> Correcting:
    """Bring a delivery to its close; the traveler is paid out."""
    await play.held()
    return await carried(play)


async def unpaid(play: Play) -> Correcting:
    """Bring a delivery to its close while the payout is skipped: the traveler's share is here."""
    await play.delivered(account="acct_sandbox_t_payout_refused")
    await play.confirm()
    await play.parked("pay_out")
    await play.resolve(SKIP)
    assert await play.closed() is DeliveryStatus.COMPLETED
    return Correcting(play)


async def test_the_platform_refunds_as_goodwill_after_the_close(play: Play) -> None:
    after = await completed(play)
    assert await after.refund(1_000) is DONE
    totals = await after.totals()
    assert (totals.refunded, totals.losses, totals.is_settled) == (1_000, 1_000, True)
    assert (await play.events())[-2:] == ["correction_ordered", "goodwill_refunded"]
    assert (await play.standing())["status"] == DeliveryStatus.COMPLETED


async def test_what_the_traveler_bears_and_was_paid_out_stays_a_debt(play: Play) -> None:
    after = await completed(play)
    assert await after.refund(1_000, Bearer.TRAVELER) is DONE
    assert await play.balance(f"traveler_dues:{play.traveler.person_id}") == 1_000
    assert "transfer_reversed" not in await play.events()


async def test_what_was_not_paid_out_is_taken_back_after_the_refund(play: Play) -> None:
    after = await unpaid(play)
    assert await after.refund(1_000, Bearer.TRAVELER) is DONE
    assert (await play.events())[-3:] == [
        "correction_ordered",
        "goodwill_refunded",
        "transfer_reversed",
    ]
    totals = await after.totals()
    assert (totals.refunded, totals.reversed, totals.dues) == (1_000, 1_000, 0)
    assert await play.balance(f"traveler_payable:{play.traveler.person_id}") == 2_780


async def test_more_than_is_with_the_traveler_is_owed_for_the_rest(play: Play) -> None:
    after = await unpaid(play)
    assert await after.refund(4_000, Bearer.TRAVELER) is DONE
    totals = await after.totals()
    assert (totals.reversed, totals.dues) == (3_780, 220)


async def test_a_refund_never_exceeds_what_is_left_of_the_payment(play: Play) -> None:
    after = await completed(play)
    order = await after.order(GOODWILL, 4_201, bearer=Bearer.PLATFORM)
    assert await refusal_of(after.start(order)) == "correction_amount_invalid"
    assert await after.over(order) is GIVEN_UP
    assert await after.refund(4_000) is DONE
    order = await after.order(GOODWILL, 201, bearer=Bearer.PLATFORM)
    assert await refusal_of(after.start(order)) == "correction_amount_invalid"
    assert await after.refund(200) is DONE
    assert (await after.totals()).refunded == 4_200


async def test_two_refunds_at_once_never_give_back_more_than_was_paid(play: Play) -> None:
    after = await completed(play)
    orders = [await after.order(GOODWILL, 2_500, bearer=Bearer.PLATFORM) for _ in range(3)]
    answers = await asyncio.gather(*map(after.start, orders), return_exceptions=True)
    refused = [each for each in answers if isinstance(each, WorkflowUpdateFailedError)]
    assert len(refused) == 2
    await asyncio.gather(*map(after.over, orders))
    assert (await after.totals()).refunded == 2_500


@pytest.mark.parametrize(
    ("kind", "more", "code"),
    [
        (GOODWILL, {"bearer": Bearer.CUSTOMER}, "bearer_invalid"),
        (GOODWILL, {}, "bearer_invalid"),
        (COMPENSATION, {}, "wrong_state"),
        (CorrectionKind.TIP, {}, "wrong_state"),
        (CorrectionKind.REFUND_AGAIN, {}, "not_your_role"),
        (CorrectionKind.WRITE_OFF, {"debtor": Bearer.PLATFORM}, "bearer_invalid"),
        (CorrectionKind.WRITE_OFF, {"debtor": Bearer.CUSTOMER}, "correction_amount_invalid"),
        (CorrectionKind.DUES_PAID, {"debtor": Bearer.CUSTOMER}, "wrong_state"),
    ],
)
async def test_what_does_not_fit_the_delivery_is_refused_and_leaves_nothing(
    play: Play, kind: CorrectionKind, more: dict[str, Any], code: str
) -> None:
    after = Correcting(play)
    await (completed(play) if kind is GOODWILL else play.held())
    events = await play.events()
    order = await after.order(kind, 100, **more)
    assert await refusal_of(after.start(order)) == code
    assert await after.over(order) is GIVEN_UP
    assert await play.events() == events
    assert await after.rows() == []


async def test_ordering_twice_is_ordering_once(play: Play) -> None:
    after = await completed(play)
    order = await after.order(GOODWILL, 1_000, bearer=Bearer.PLATFORM)
    await asyncio.gather(*(after.start(order) for _ in range(4)))
    await after.over(order)
    assert (await after.totals()).refunded == 1_000
    assert len(await after.rows()) == 1


async def test_the_platform_compensates_a_traveler_out_of_its_own_pocket(play: Play) -> None:
    after = await completed(play)
    assert await after.correct(COMPENSATION, 800, note="the road was flooded") is DONE
    totals = await after.totals()
    assert (totals.transferred, totals.losses, totals.is_settled) == (4_580, 800, True)
    assert await play.balance(f"traveler_payable:{play.traveler.person_id}") == 0
    assert (await play.events())[-3:] == [
        "correction_ordered",
        "traveler_compensated",
        "extra_paid_out",
    ]


async def test_a_compensation_is_bounded_by_the_price(play: Play) -> None:
    after = await completed(play)
    order = await after.order(COMPENSATION, 4_201)
    assert await refusal_of(after.start(order)) == "correction_amount_invalid"


async def test_a_debt_is_paid_in_parts_and_the_rest_written_off(play: Play) -> None:
    after = await completed(play)
    await after.refund(1_000, Bearer.TRAVELER)
    paid = {"debtor": Bearer.TRAVELER, "reference": "bank transfer 17"}
    assert await after.correct(CorrectionKind.DUES_PAID, 400, **paid) is DONE
    order = await after.order(CorrectionKind.WRITE_OFF, 601, debtor=Bearer.TRAVELER)
    assert await refusal_of(after.start(order)) == "correction_amount_invalid"
    assert await after.correct(CorrectionKind.WRITE_OFF, 600, debtor=Bearer.TRAVELER) is DONE
    totals = await after.totals()
    assert (totals.repaid, totals.losses, totals.dues) == (400, 600, 0)
    assert (await play.events())[-2:] == ["debt_paid", "debt_written_off"]


async def test_two_write_offs_at_once_give_up_a_debt_once(play: Play) -> None:
    after = await completed(play)
    await after.refund(1_000, Bearer.TRAVELER)
    kind = CorrectionKind.WRITE_OFF
    orders = [await after.order(kind, 1_000, debtor=Bearer.TRAVELER) for _ in range(2)]
    answers = await asyncio.gather(*map(after.start, orders), return_exceptions=True)
    assert sum(isinstance(each, WorkflowUpdateFailedError) for each in answers) == 1
    assert (await after.totals()).losses == 1_000


async def test_a_stuck_refund_is_parked_and_done_by_hand(play: Play) -> None:
    await play.held(method="pm_sandbox_ok_refund_refused")
    after = await carried(play)
    order = await after.order(GOODWILL, 1_000, bearer=Bearer.PLATFORM)
    await after.start(order)
    await after.waiting(CorrectionStatus.PARKED, "refund_goodwill")
    assert await after.items() == {f"correction:{order.correction_id}": True}
    await after.resolve(order, ResolveAttention())
    await after.waiting(CorrectionStatus.PARKED, "refund_goodwill")
    no_reference = ResolveAttention(AttentionAction.DONE_BY_HAND)
    assert await refusal_of(after.resolve(order, no_reference)) == "wrong_state"
    by_hand = ResolveAttention(AttentionAction.DONE_BY_HAND, new_id(), "at the provider")
    await after.resolve(order, by_hand)
    assert await after.over(order) is DONE
    assert (await after.totals()).refunded == 1_000
    assert await after.items() == {f"correction:{order.correction_id}": False}


async def test_a_refund_that_is_given_up_leaves_its_amount_for_another(play: Play) -> None:
    await play.held(method="pm_sandbox_ok_refund_refused")
    after = await carried(play)
    order = await after.order(GOODWILL, 4_200, bearer=Bearer.PLATFORM)
    await after.start(order)
    await after.waiting(CorrectionStatus.PARKED, "refund_goodwill")
    await after.resolve(order, SKIP)
    assert await after.over(order) is GIVEN_UP
    assert (await after.totals()).refunded == 0
    again = await after.order(GOODWILL, 4_200, bearer=Bearer.PLATFORM)
    await after.start(again)
    await after.waiting(CorrectionStatus.PARKED, "refund_goodwill")
