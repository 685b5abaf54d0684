"""A chargeback from its first event to its end, on real servers and the sandbox."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.contracts import AttentionAction, ResolveAttention
from tests.workflows.charging_back import SKIP, ChargingBack, own, paid_out, unpaid
from tests.workflows.play import Play, refusal_of

DAY = timedelta(days=1)


@pytest.fixture
def charging_back(play: Play) -> ChargingBack:
    return ChargingBack(play)


async def test_an_inquiry_moves_no_money_and_is_answered_in_time(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open(inquiry=True)
    await charging_back.stands(status="inquiry", deadline_kind="evidence")
    before = await charging_back.totals()
    await charging_back.pass_time(5 * DAY)
    await charging_back.met("evidence_submitted")
    assert (await charging_back.evidence())[1] == 1
    await charging_back.close_inquiry()
    assert await charging_back.ended() == "closed_without_loss"
    assert await charging_back.totals() == before
    assert "chargeback_opened" not in await play.events()


async def test_an_inquiry_may_become_a_chargeback(charging_back: ChargingBack) -> None:
    play = charging_back.play
    await unpaid(play, own("acct_sandbox_t_payout_refused", play))
    await charging_back.open(inquiry=True)
    await charging_back.stands(status="inquiry")
    await charging_back.submit()
    await charging_back.escalate()
    await charging_back.stands(status="open", withdrawn_minor=4_200, recalled_minor=3_780)
    await charging_back.submit()
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    events = await play.events()
    assert [events.count(kind) for kind in ("chargeback_inquired", "evidence_submitted")] == [1, 2]


async def test_evidence_is_staged_at_once_and_submitted_once_before_it_is_due(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open(answer_in=10 * DAY)
    await charging_back.met("transfer_recall_refused")
    given, submissions = await charging_back.evidence()
    assert submissions == 0
    assert given["shipping_tracking_number"] == play.order.delivery_id
    await charging_back.pass_time(7 * DAY)
    assert (await charging_back.evidence())[1] == 0
    await charging_back.pass_time(DAY)
    await charging_back.met("evidence_submitted")
    row = await charging_back.row()
    assert (await charging_back.evidence())[1] == 1
    assert row["evidence_submitted_at"] is not None
    await charging_back.stands(deadline_kind="network")
    await charging_back.pass_time(9 * DAY)
    assert (await play.events()).count("evidence_submitted") == 1
    await charging_back.network.decide(charging_back.dispute_id, won=False)
    await charging_back.pass_time(2 * DAY)
    assert await charging_back.ended() == "lost"


async def test_staff_submit_the_evidence_and_nobody_else(charging_back: ChargingBack) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open()
    await charging_back.met("transfer_recall_refused")
    play.agent, agent = play.traveler, play.agent
    assert await refusal_of(charging_back.submit()) == "not_your_role"
    play.agent = agent
    await charging_back.submit()
    assert await refusal_of(charging_back.submit()) == "wrong_state"
    assert (await charging_back.evidence())[1] == 1
    assert await charging_back.items() == ["recall"]


async def test_events_may_come_twice_in_any_order_and_after_the_end(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open(told=False)
    await asyncio.gather(*(charging_back.tell() for _ in range(5)))
    await charging_back.stands(status="open", withdrawn_minor=4_200)
    await charging_back.network.decide(charging_back.dispute_id, won=False)
    await asyncio.gather(*(charging_back.tell() for _ in range(3)))
    assert await charging_back.ended() == "lost"
    totals, events = await charging_back.totals(), await play.events()
    for _ in range(3):
        await charging_back.tell()
        assert await charging_back.ended() == "lost"
    assert (await charging_back.totals(), await play.events()) == (totals, events)
    assert [events.count(kind) for kind in ("chargeback_opened", "chargeback_lost")] == [1, 1]


async def test_a_chargeback_may_be_over_before_it_is_first_read(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open(told=False)
    await charging_back.network.decide(charging_back.dispute_id, won=True)
    await charging_back.tell()
    assert await charging_back.ended() == "won"
    assert (await charging_back.totals()).charged_back == 0
    assert (await play.events())[-2:] == ["chargeback_opened", "chargeback_won"]


async def test_a_bank_that_changes_its_mind_afterwards_is_looked_at_by_people(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open()
    await charging_back.stands(status="open")
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    await charging_back.decide(won=True)
    assert await charging_back.ended() == "lost"
    assert await charging_back.items() == ["decided_again"]


async def test_a_run_that_was_ended_by_mistake_is_taken_up_by_the_next_event(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await unpaid(play, own("acct_sandbox_t_payout_refused", play))
    await charging_back.open()
    await charging_back.stands(recalled_minor=3_780)
    await (await charging_back.handle()).terminate("by mistake")
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    events = await play.events()
    assert [events.count(kind) for kind in ("chargeback_opened", "transfer_recalled")] == [1, 1]
    assert (await charging_back.totals()).held == 0


async def test_a_recall_that_cannot_be_asked_for_is_parked_and_evidence_is_submitted_anyway(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    account = own("acct_sandbox_t_payout_refused_reversal_unavailable_9999", play)
    await unpaid(play, account)
    await charging_back.open()
    await charging_back.met("transfer_recall_started")
    await charging_back.pass_time(timedelta(hours=2))
    await charging_back.stands(attention="recall_transfer")
    assert "recall_transfer" in await charging_back.items()
    await charging_back.pass_time(6 * DAY)
    await charging_back.met("evidence_submitted")
    assert (
        await refusal_of(charging_back.resolve(ResolveAttention(AttentionAction.DONE_BY_HAND)))
        == "wrong_state"
    )
    await charging_back.resolve(SKIP)
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    assert (await charging_back.totals()).dues == 3_780


async def test_stopping_a_chargeback_from_outside_changes_nothing(
    charging_back: ChargingBack,
) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open()
    await charging_back.stands(status="open")
    await (await charging_back.handle()).cancel()
    await charging_back.decide(won=True)
    assert await charging_back.ended() == "won"


async def test_nothing_can_be_resolved_that_is_not_parked(charging_back: ChargingBack) -> None:
    play = charging_back.play
    await paid_out(play, own("acct_sandbox_t", play))
    await charging_back.open()
    await charging_back.met("transfer_recall_refused")
    with pytest.raises(WorkflowUpdateFailedError):
        await charging_back.resolve(ResolveAttention())
