"""Tips: all of it is the traveler's, a decline is an answer, and nobody waits for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import update

from domain.contracts import AttentionAction, ResolveAttention
from domain.correcting.rules import CorrectionKind, CorrectionStatus
from domain.policies import Policies, WindowPolicy
from domain.provider_news import PaymentNews
from infra.database.schema import person
from tests.workflows.play import Play, refusal_of
from tests.workflows.test_correction import completed
from tests.workflows.test_undone import bounces

TIP = CorrectionKind.TIP
DONE, DECLINED = CorrectionStatus.DONE, CorrectionStatus.DECLINED
UNSETTLED, PARKED = CorrectionStatus.UNSETTLED, CorrectionStatus.PARKED


async def test_a_tip_goes_to_the_traveler_s_bank_whole(play: Play) -> None:
    after = await completed(play)
    assert await after.correct(TIP, 500) is DONE
    totals = await after.totals()
    assert (totals.charged, totals.transferred, totals.fees) == (4_700, 4_280, 420)
    assert totals.is_settled
    assert (await play.events())[-4:] == [
        "correction_ordered",
        "tip_paid",
        "tip_sent",
        "extra_paid_out",
    ]


async def test_a_declined_tip_is_an_answer_and_another_may_follow(play: Play) -> None:
    after = await completed(play)
    assert await after.correct(TIP, 500, payment_method="pm_sandbox_declined") is DECLINED
    assert (await after.totals()).charged == 4_200
    (row,) = await after.rows()
    assert row.problem == "card_declined"
    assert await after.items() == {}
    assert await after.correct(TIP, 500) is DONE


async def test_a_tip_that_the_bank_asks_about_waits_for_the_customer(play: Play) -> None:
    after = await completed(play)
    order = await after.order(TIP, 500, payment_method="pm_sandbox_requires_action")
    await after.start(order)
    await after.waiting(UNSETTLED)
    (row,) = await after.rows()
    assert row.deadline_kind == "tip"
    charge = after.operation("charge", order)
    await after.provider.approve(charge)
    await after.handle(order).signal("payment_news", PaymentNews(charge, "ch_1"))
    assert await after.over(order) is DONE
    assert (await after.totals()).transferred == 4_280


async def test_a_tip_that_nobody_approves_is_given_up(play: Play) -> None:
    after = await completed(play)
    after.policies = Policies(windows=WindowPolicy(payment_s=300))
    order = await after.order(TIP, 500, payment_method="pm_sandbox_requires_action")
    await after.start(order)
    await after.waiting(UNSETTLED)
    await play.pass_time(timedelta(minutes=6), after.handle(order))
    assert await after.over(order) is DECLINED
    totals = await after.totals()
    assert (totals.charged, totals.is_settled) == (4_200, True)
    assert (await play.events())[-2:] == ["tip_void_started", "tip_declined"]


async def test_a_tip_whose_answer_was_lost_is_charged_once(play: Play) -> None:
    after = await completed(play)
    method = "pm_sandbox_timeout_after_success"
    assert await after.correct(TIP, 500, payment_method=method) is DONE
    assert (await after.totals()).charged == 4_700


async def test_a_tip_that_cannot_be_charged_is_parked_and_given_up(play: Play) -> None:
    after = await completed(play)
    order = await after.order(TIP, 500, payment_method="pm_sandbox_refused")
    await after.start(order)
    await after.waiting(PARKED, "charge_tip")
    await after.resolve(order, ResolveAttention(AttentionAction.SKIP))
    assert await after.over(order) is DECLINED
    assert (await after.totals()).charged == 4_200


async def test_a_tip_that_was_charged_is_sent_or_done_by_hand_and_never_skipped(
    play: Play,
) -> None:
    after = await completed(play)
    await moves_to(play, "acct_sandbox_t_refused")
    order = await after.order(TIP, 500)
    await after.start(order)
    await after.waiting(PARKED, "send_tip")
    skip = ResolveAttention(AttentionAction.SKIP)
    assert await refusal_of(after.resolve(order, skip)) == "skip_not_safe"
    await moves_to(play, "acct_sandbox_t")
    await after.resolve(order, ResolveAttention())
    assert await after.over(order) is DONE


async def moves_to(play: Play, account: str) -> None:
    """Give the traveler another account at the provider."""
    mine = person.c.person_id == play.traveler.person_id
    async with play.engine.begin() as connection:
        await connection.execute(update(person).where(mine).values(payout_account=account))


async def test_tips_are_bounded_in_sum_and_in_number(play: Play) -> None:
    after = await completed(play)
    assert await after.correct(TIP, 4_000) is DONE
    more = await after.order(TIP, 201)
    assert await refusal_of(after.start(more)) == "correction_amount_invalid"
    for _ in range(4):
        await after.correct(TIP, 100, payment_method="pm_sandbox_declined")
    last = await after.order(TIP, 100)
    assert await refusal_of(after.start(last)) == "payment_attempts_reached"


@pytest.mark.parametrize("by", ["traveler", "agent", "recipient"])
async def test_only_the_customer_tips(play: Play, by: str) -> None:
    after = await completed(play)
    order = await after.order(TIP, 100, by=getattr(play, by))
    assert await refusal_of(after.start(order)) == "not_your_role"


async def test_a_tip_that_fails_after_it_was_sent_is_nobody_s_debt(play: Play) -> None:
    after = await completed(play)
    order = await after.order(TIP, 500)
    await after.start(order)
    assert await after.over(order) is DONE
    charge = after.operation("charge", order)
    await bounces(play, charge)
    await (await after.undone(charge)).result()
    totals = await after.totals()
    assert (totals.charged, totals.losses, totals.dues, totals.held) == (4_200, 500, 0, 0)
