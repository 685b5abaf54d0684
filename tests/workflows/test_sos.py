"""Calls for help: the delivery is frozen at once, whatever it is doing, until staff have looked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from domain.contracts import Actor, CodePurpose, ResolveAttention, Role
from domain.holds.rules import ResumeDelivery
from domain.messages import CONCERNS
from domain.policies import VerdictOutcome
from domain.sos import CallForHelp
from domain.status import DeliveryStatus
from infra.database.schema import event
from infra.identifiers import new_id
from tests.waiting import until
from tests.workflows.holding import hold, resume
from tests.workflows.play import Play, refusal_of
from tests.workflows.test_hold import page, shown

DAY = timedelta(days=1)


async def call(play: Play, by: Actor | None = None) -> None:
    """Call for help, as the traveler unless somebody else does."""
    await play.send("call_for_help", CallForHelp(by or play.traveler, new_id()))


async def told(play: Play, kind: str) -> int:
    return (await play.events()).count(kind)


async def bodies(play: Play, kind: str) -> list[Any]:
    found = select(event.c.body).where(
        event.c.delivery_id == play.order.delivery_id, event.c.kind == kind
    )
    return [json.loads(row[0]) for row in await play.read(found)]


async def wait_in_vain(play: Play, minutes: int = 5, number: int = 1) -> None:
    """Let the time pass in which an operator has to answer, until they are told again."""
    await play.pass_time(timedelta(minutes=minutes, seconds=1))

    async def is_told() -> bool:
        return await told(play, "sos_unanswered") == number

    await until(is_told)


async def test_a_call_freezes_the_delivery_until_staff_say_what_they_found(play: Play) -> None:
    await play.delivered()
    before = await play.standing()
    await call(play)
    frozen = await shown(play, "sos")
    assert (frozen["status"], frozen["attention"]) == ("delivered", "sos")
    assert "somebody has called for help" in await page(play)
    assert await refusal_of(play.confirm()) == "on_hold"
    await play.pass_time(3 * DAY)
    assert (await play.standing())["status"] == DeliveryStatus.DELIVERED
    silent = ResumeDelivery(" ", play.agent.person_id)
    assert await refusal_of(play.send("resume", silent)) == "reason_missing"
    await resume(play)
    after = await shown(play, "inspection")
    assert after["attention"] is None
    assert after["deadline_at"] - before["deadline_at"] >= 3 * DAY
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_operators_are_told_again_with_longer_and_longer_waits(play: Play) -> None:
    await play.held()
    await call(play, replace(play.customer, role=Role.SENDER))
    for number, minutes in enumerate((5, 10, 20), start=1):
        await wait_in_vain(play, minutes, number)
    assert await refusal_of(play.resolve(ResolveAttention())) == "nothing_needs_attention"
    await resume(play)
    assert (await shown(play, "pickup"))["attention"] is None
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_a_call_joins_a_hold_that_is_in_force_and_a_second_one_changes_nothing(
    play: Play,
) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await hold(play)
    await shown(play, "hold")
    await call(play)
    assert (await shown(play, "sos"))["attention"] == "sos"
    due_at = (await play.standing())["deadline_at"]
    await call(play, play.recipient)
    assert (await play.standing())["deadline_at"] == due_at
    assert await told(play, "sos_called") == 2
    await play.scan(CodePurpose.HANDOVER)
    assert (await shown(play, "sos"))["status"] == DeliveryStatus.DELIVERED
    await resume(play)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_call_is_heard_while_a_step_is_parked(play: Play) -> None:
    await play.delivered(account="acct_sandbox_t_refused")
    await play.confirm()
    await play.parked("release_funds")
    await call(play)
    parked = await shown(play, "sos")
    assert parked["attention"] == "release_funds", "the step is still parked"
    await resume(play)
    await play.parked("release_funds")


@pytest.mark.parametrize("is_held", [False, True])
async def test_a_call_stops_the_clock_of_a_dispute_too(play: Play, is_held: bool) -> None:
    await play.delivered()
    await play.dispute()
    if is_held:
        await hold(play)
        await shown(play, "hold")
    await call(play, play.recipient)
    await shown(play, "sos")
    assert await told(play, "sos_called") == 1
    stopped = await bodies(play, "clock_stopped")
    public = [body for body in stopped if CONCERNS not in body["facts"]]
    assert len(public) == 1, "that somebody has called during a hold is among staff"
    assert await refusal_of(play.decide(VerdictOutcome.REFUND)) == "on_hold"
    await resume(play)
    await play.decide(VerdictOutcome.REFUND)
    assert await play.closed() is DeliveryStatus.REFUNDED


async def test_strangers_staff_and_callers_about_nothing_are_refused(play: Play) -> None:
    await play.held()
    for actor in (play.rival, play.agent, Actor(Role.TRAVELER)):
        assert await refusal_of(call(play, actor)) == "not_your_role"
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
