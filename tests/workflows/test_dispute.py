"""Disputes: who may open one, every verdict, and a verdict that nobody gives."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from temporalio.client import WorkflowUpdateFailedError

from domain.contracts import DecideDispute, ResolveAttention
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus, EscrowStatus
from tests.waiting import until
from tests.workflows.play import Play, refusal_of
from workflows.dispute import DisputeWorkflow

VERDICTS = [
    (VerdictOutcome.RELEASE, None, DeliveryStatus.COMPLETED, EscrowStatus.RELEASED),
    (VerdictOutcome.REFUND, None, DeliveryStatus.REFUNDED, EscrowStatus.REFUNDED),
    (VerdictOutcome.SPLIT, 1_201, DeliveryStatus.SETTLED, EscrowStatus.SPLIT),
]


@pytest.mark.parametrize(("outcome", "refund_minor", "closed", "escrow"), VERDICTS)
async def test_a_verdict_settles_the_money(
    play: Play,
    outcome: VerdictOutcome,
    refund_minor: int | None,
    closed: DeliveryStatus,
    escrow: EscrowStatus,
) -> None:
    await play.delivered()
    await play.dispute()
    verdict = await play.decide(outcome, refund_minor)
    assert verdict.refund.amount_minor + verdict.release.amount_minor == 4_200
    assert await play.closed() is closed
    assert (await play.standing())["escrow"] == escrow


async def test_the_recipient_and_the_traveler_may_dispute_but_no_stranger(play: Play) -> None:
    await play.delivered()
    assert await refusal_of(play.dispute(play.rival)) == "not_your_role"
    await play.dispute(play.recipient)
    await play.decide(VerdictOutcome.RELEASE)
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_dispute_is_opened_inside_the_window_only(play: Play) -> None:
    await play.held()
    assert await refusal_of(play.dispute()) == "wrong_state"


async def test_of_two_agents_at_once_one_wins(play: Play) -> None:
    await play.delivered()
    await play.dispute()
    handle = await play.dispute_handle()
    commands = [
        DecideDispute(play.agent, VerdictOutcome.REFUND),
        DecideDispute(play.agent, VerdictOutcome.RELEASE),
    ]
    answers = await asyncio.gather(
        *(handle.execute_update(DisputeWorkflow.decide, command) for command in commands),
        return_exceptions=True,
    )
    failed = [answer for answer in answers if isinstance(answer, BaseException)]
    assert len(failed) == 1
    await play.closed()


@pytest.mark.parametrize("refund_minor", [None, 0, 4_200, -1])
async def test_a_split_that_is_none_is_refused(play: Play, refund_minor: int | None) -> None:
    await play.delivered()
    await play.dispute()
    refusal = await refusal_of(play.decide(VerdictOutcome.SPLIT, refund_minor))
    assert refusal == "verdict_amount_invalid"


async def test_only_an_agent_decides(play: Play) -> None:
    await play.delivered()
    await play.dispute()
    handle = await play.dispute_handle()
    command = DecideDispute(play.customer, VerdictOutcome.REFUND)
    assert await refusal_of(handle.execute_update(DisputeWorkflow.decide, command)) == (
        "not_your_role"
    )


async def test_a_verdict_that_nobody_gives_raises_the_alarm_and_then_falls_to_the_default(
    play: Play,
) -> None:
    await play.delivered()
    await play.dispute()
    dispute = await play.dispute_handle()
    await play.pass_time(timedelta(days=5, seconds=1), dispute)

    async def is_raised() -> bool:
        return bool((await play.standing())["attention"] == "verdict_overdue")

    await until(is_raised)
    await play.pass_time(timedelta(days=9, seconds=1), dispute)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert "verdict_given" in await play.events()


async def test_stopping_a_dispute_from_outside_changes_nothing(play: Play) -> None:
    await play.delivered()
    await play.dispute()
    dispute = await play.dispute_handle()
    await dispute.cancel()
    await play.decide(VerdictOutcome.REFUND)
    assert await play.closed() is DeliveryStatus.REFUNDED


async def test_a_terminated_dispute_is_opened_again_by_an_operator(play: Play) -> None:
    await play.delivered()
    await play.dispute()
    dispute = await play.dispute_handle()
    await play.happened("agent_called")
    await dispute.terminate("by mistake")
    await play.parked("dispute")
    await play.resolve(ResolveAttention())
    await until(lambda: _can_decide(play))
    assert await play.closed() is DeliveryStatus.REFUNDED


async def _can_decide(play: Play) -> bool:
    try:
        await play.decide(VerdictOutcome.REFUND)
    except WorkflowUpdateFailedError:
        raise
    except Exception:  # noqa: BLE001 -- The new dispute is not there yet.
        return False
    return True


async def test_a_split_pays_every_unit_to_somebody(play: Play) -> None:
    await play.delivered()
    await play.dispute()
    await play.decide(VerdictOutcome.SPLIT, 1_201)
    await play.closed()
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 0
    assert await play.balance(f"traveler_payable:{play.traveler.person_id}") == 0
