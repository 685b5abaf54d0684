"""A step confirmed by mistake is taken back within a minute, and nothing of it is lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.contracts import Actor, CodePurpose, Standing
from domain.deadlines import DeadlineKind
from domain.journey.terms import UndeliverableAction, UndoPolicy
from domain.journey.undoing import UndoStep
from domain.policies import Policies
from domain.status import DeliveryStatus, EscrowStatus
from tests.workflows.conftest import Stage
from tests.workflows.holding import hold, resume
from tests.workflows.play import Play, refusal_of
from tests.workflows.undelivered import carried, fail, leave

UNDOABLE = Policies(undo=UndoPolicy())
MINUTE = timedelta(minutes=1)


@pytest.fixture
async def play(stage: Stage) -> Play:
    """One delivery whose steps can be undone."""
    return await stage(UNDOABLE)


async def undo(play: Play, by: Actor) -> Standing:
    return await play.send("undo_step", UndoStep(by))


async def test_an_undone_pickup_is_made_again_with_a_new_code(play: Play) -> None:
    await play.held()
    before = await play.standing()
    used = await play.shown(CodePurpose.PICKUP)
    await play.scan(CodePurpose.PICKUP, used)
    await undo(play, play.customer)
    after = await play.standing()
    same = ("status", "escrow", "deadline_kind", "deadline_at")
    assert [after[name] for name in same] == [before[name] for name in same]
    assert await refusal_of(play.scan(CodePurpose.PICKUP, used)) == "code_wrong"
    await play.scan(CodePurpose.PICKUP)
    await play.arrive()
    await play.reach(DeliveryStatus.ARRIVED)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_an_undone_pickup_may_be_cancelled_and_goes_back_whole(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await undo(play, play.customer)
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert (await play.standing())["escrow"] == EscrowStatus.REFUNDED


async def test_what_was_captured_for_a_pickup_stays_held(play: Play) -> None:
    deliver_by = datetime.now(UTC) + timedelta(days=4)
    play.order = replace(play.order, deliver_by=deliver_by)
    await play.held()
    assert (await play.standing())["escrow"] == EscrowStatus.AUTHORISED
    await play.scan(CodePurpose.PICKUP)
    undone = await undo(play, play.customer)
    assert (undone.status, undone.escrow) == (DeliveryStatus.AWAITING_PICKUP, EscrowStatus.HELD)
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await play.events()).count("payment_captured") == 1


async def test_an_undone_handover_is_made_again_before_any_money_moves(play: Play) -> None:
    await play.delivered()
    due_at = (await play.standing())["deadline_at"]
    await undo(play, play.traveler)
    assert (await play.standing())["status"] == DeliveryStatus.IN_TRANSIT
    assert await refusal_of(play.confirm()) == "wrong_state"
    await play.scan(CodePurpose.HANDOVER)
    assert (await play.standing())["deadline_at"] > due_at
    await play.pass_time(timedelta(days=2, minutes=2))
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await play.events())[4:8] == [
        "picked_up",
        "handed_over",
        "handover_undone",
        "handed_over",
    ]


async def test_the_dispute_window_begins_when_the_moment_to_undo_is_over(stage: Stage) -> None:
    ends: list[Any] = []
    for policies in (UNDOABLE, Policies()):
        play = await stage(policies)
        await play.delivered()
        row = await play.standing()
        ends.append(row["deadline_at"] - row["updated_at"])
        await play.confirm()
        await play.closed()
    assert ends[0] - ends[1] == MINUTE


async def test_a_parcel_that_was_not_left_after_all_is_with_its_traveler(play: Play) -> None:
    await carried(play, UndeliverableAction.NEIGHBOUR)
    await fail(play)
    await leave(play, UndeliverableAction.NEIGHBOUR)
    for gains in (play.customer, play.recipient):
        assert await refusal_of(undo(play, gains)) == "not_your_role"
    undone = await undo(play, play.traveler)
    assert (undone.status, undone.deadline_kind) == ("in_transit", DeadlineKind.LEAVING)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_it_is_for_the_side_that_loses_by_it_and_for_a_minute(play: Play) -> None:
    await play.held()
    assert await refusal_of(undo(play, play.customer)) == "wrong_state"
    await play.scan(CodePurpose.PICKUP)
    for other in (play.traveler, play.recipient, play.rival, play.agent):
        assert await refusal_of(undo(play, other)) == "not_your_role"
    await play.pass_time(MINUTE + timedelta(seconds=1))
    assert await refusal_of(undo(play, play.customer)) == "undo_window_closed"
    await play.scan(CodePurpose.HANDOVER)
    for gains in (play.customer, play.recipient):
        assert await refusal_of(undo(play, gains)) == "not_your_role"
    await play.confirm()
    assert await refusal_of(undo(play, play.traveler)) in ("wrong_state", "delivery_closed")
    await play.closed()


async def test_a_step_that_is_undone_again_and_again_is_no_mistake(play: Play) -> None:
    await play.held()
    for _ in range(3):
        await play.scan(CodePurpose.PICKUP)
        await undo(play, play.customer)
    await play.scan(CodePurpose.PICKUP)
    assert await refusal_of(undo(play, play.customer)) == "undo_window_closed"


async def test_older_deliveries_cannot_be_undone(stage: Stage) -> None:
    play = await stage(Policies())
    await play.delivered()
    assert await refusal_of(undo(play, play.traveler)) == "wrong_state"


async def test_a_step_of_a_frozen_delivery_leads_back_to_the_clock_that_goes_on(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    before = await play.standing()
    await hold(play)
    await play.scan(CodePurpose.HANDOVER)
    await resume(play)
    await undo(play, play.traveler)
    after = await play.standing()
    assert (after["status"], after["deadline_kind"]) == ("in_transit", before["deadline_kind"])
    assert after["deadline_at"] >= before["deadline_at"]
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
