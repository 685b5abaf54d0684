"""Deliveries that staff freeze: clocks stand still, no money leaves, commands wait."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata

from domain.contracts import AttentionAction, CodePurpose, ResolveAttention
from domain.holds.rules import HoldDelivery
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from domain.visibility import Attribute
from infra.database.schema import event, handover_code
from infra.identifiers import new_id
from tests.waiting import until
from tests.workflows.holding import WHY, hold, resume
from tests.workflows.play import Play, refusal_of
from workflows.view import search_attribute_key

DAY = timedelta(days=1)


async def shown(play: Play, kind: str) -> dict[str, Any]:
    """Wait until the database shows a clock, and return where the delivery stands."""

    async def is_shown() -> bool:
        return bool((await play.standing())["deadline_kind"] == kind)

    await until(is_shown)
    return await play.standing()


async def lasted(play: Play) -> timedelta:
    """How long the hold lasted, in whole seconds, as the timeline says."""
    bodies = await play.read(
        select(event.c.body).where(
            event.c.delivery_id == play.order.delivery_id, event.c.kind == "hold_lifted"
        )
    )
    return timedelta(seconds=int(json.loads(bodies[0][0])["facts"]["lasted_s"]))


async def test_a_frozen_clock_goes_on_later_by_as_long_as_it_stood_still(play: Play) -> None:
    await play.delivered()
    before = await play.standing()
    await hold(play)
    frozen = await shown(play, "hold")
    assert (frozen["status"], frozen["attention"]) == ("delivered", None)
    await play.pass_time(10 * DAY)
    assert (await play.standing())["status"] == DeliveryStatus.DELIVERED
    await resume(play)
    after = await shown(play, "inspection")
    moved = after["deadline_at"] - before["deadline_at"]
    assert moved >= 10 * DAY
    assert timedelta(0) <= moved - await lasted(play) < timedelta(seconds=1)
    await play.pass_time(2 * DAY)
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_commands_of_people_are_refused_and_a_handover_is_not(play: Play) -> None:
    await play.held()
    await hold(play)
    assert await refusal_of(play.scan(CodePurpose.PICKUP)) == "on_hold"
    assert await refusal_of(play.cancel()) == "on_hold"
    assert await refusal_of(hold(play)) == "on_hold"
    await resume(play)
    await play.scan(CodePurpose.PICKUP)
    await hold(play)
    await play.scan(CodePurpose.HANDOVER)
    assert (await shown(play, "hold"))["status"] == DeliveryStatus.DELIVERED
    assert await refusal_of(play.confirm()) == "on_hold"
    await resume(play)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_no_money_leaves_while_it_is_frozen(play: Play) -> None:
    """A step that is parked and retried waits for the hold to end."""
    await play.delivered(account="acct_sandbox_t_refused")
    await play.confirm()
    await play.parked("release_funds")
    await hold(play)
    tries = await _provider_calls(play)
    await play.resolve(ResolveAttention(reason="the account is mended"))
    await play.happened("clock_stopped")
    assert await _provider_calls(play) == tries
    assert await refusal_of(play.resolve(ResolveAttention())) == "nothing_needs_attention"
    await resume(play)
    await play.parked("release_funds")
    assert await _provider_calls(play) == tries + 1
    done = AttentionAction.DONE_BY_HAND
    for step in ("release_funds", "pay_out"):
        await play.parked(step)
        await play.resolve(ResolveAttention(done, new_id(), "sent by hand"))
    assert await play.closed() is DeliveryStatus.COMPLETED


async def _provider_calls(play: Play) -> int:
    history = await play.handle.fetch_history()
    scheduled = EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    return sum(each.event_type == scheduled for each in history.events)


async def test_staff_are_reminded_then_alarmed_for_as_long_as_it_lasts(play: Play) -> None:
    await play.held()
    await hold(play)
    await play.pass_time(DAY + timedelta(seconds=5))
    await play.parked("hold_waits")
    await play.pass_time(2 * DAY)
    await play.parked("hold_overdue")
    assert await refusal_of(play.resolve(ResolveAttention())) == "nothing_needs_attention"
    await play.pass_time(DAY)
    told = ["hold_reminded", "hold_overdue", "hold_overdue"]

    async def is_told() -> bool:
        return [kind for kind in await play.events() if kind in told] == told

    await until(is_told)
    await resume(play)
    assert (await shown(play, "pickup"))["attention"] is None
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_a_dispute_stands_still_with_its_delivery(play: Play) -> None:
    await play.delivered()
    await play.dispute()
    before = await play.standing()
    await hold(play)
    await shown(play, "hold")
    assert await refusal_of(play.decide(VerdictOutcome.REFUND)) == "on_hold"
    await play.pass_dispute_time(6 * DAY)
    await play.happened("hold_overdue")
    assert "verdict_overdue" not in await play.events()
    await resume(play)
    after = await shown(play, before["deadline_kind"])
    assert after["deadline_at"] - before["deadline_at"] >= 6 * DAY
    assert "hold_placed" in await play.events()
    await play.decide(VerdictOutcome.REFUND)
    assert await play.closed() is DeliveryStatus.REFUNDED


async def page(play: Play) -> str:
    """Return the current details, as the Web UI asks for them."""
    answer: WorkflowMetadata = await play.handle.query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    return answer.current_details


async def test_a_hold_shows_who_why_and_what_stands_still(play: Play) -> None:
    await play.held()
    await hold(play)
    assert f"by `{play.agent.person_id}`: {WHY}" in await page(play)

    async def is_clock_shown() -> bool:
        return "the clock `pickup`" in await page(play)

    # The answer that armed it may still be on its way to the saga.
    await until(is_clock_shown)
    found = (await play.handle.describe()).typed_search_attributes
    assert found.get(search_attribute_key(Attribute.ON_HOLD)) is True
    await resume(play)
    assert "On hold" not in await page(play)
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


@pytest.mark.parametrize(
    ("reason", "code"), [("", "reason_missing"), ("x" * 501, "reason_missing")]
)
async def test_a_hold_has_a_reason(play: Play, reason: str, code: str) -> None:
    await play.open()
    assert await refusal_of(hold(play, reason)) == code
    assert await refusal_of(resume(play)) == "not_on_hold"
    by_party = HoldDelivery(WHY, play.customer.person_id)
    assert await refusal_of(play.send("hold", by_party)) == "not_your_role"
    await play.cancel()


async def test_a_code_outlives_the_deadline_that_a_hold_has_put_off(play: Play) -> None:
    await play.held()
    await hold(play)
    await play.pass_time(60 * DAY)
    await resume(play)
    due_at = (await shown(play, "pickup"))["deadline_at"]
    rows = await play.read(
        select(handover_code.c.valid_until).where(
            handover_code.c.delivery_id == play.order.delivery_id
        )
    )
    assert rows[0][0] >= due_at
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_what_was_sent_before_is_finished_and_the_next_step_waits(play: Play) -> None:
    await play.delivered("acct_sandbox_t_unavailable_2")
    await play.confirm()
    await until(lambda: _is_asked(play, "release_funds"))
    await hold(play)
    await play.happened("released")
    frozen = await shown(play, "hold")
    assert (frozen["status"], frozen["escrow"]) == ("paying_out", "released")
    assert not await _is_asked(play, "pay_out")
    await resume(play)
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_who_froze_a_delivery_is_known_also_while_the_answer_of_a_step_is_on_its_way(
    play: Play,
) -> None:
    # The database shows the payment as held a moment before the saga learns of it.
    await play.held()
    await hold(play)
    await resume(play)
    await play.cancel()
    await play.closed()
    told = await play.read(
        select(event.c.kind, event.c.body)
        .where(event.c.delivery_id == play.order.delivery_id, event.c.kind.startswith("hold_"))
        .order_by(event.c.sequence)
    )
    assert [kind for kind, _ in told] == ["hold_placed", "hold_lifted"]
    assert json.loads(told[0][1])["actor"]["person_id"] == play.agent.person_id


async def _is_asked(play: Play, activity: str) -> bool:
    history = await play.handle.fetch_history()
    return any(
        each.activity_task_scheduled_event_attributes.activity_type.name == activity
        for each in history.events
    )
