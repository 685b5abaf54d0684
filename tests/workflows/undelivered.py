"""Plays what goes wrong at the door."""

from __future__ import annotations

from dataclasses import replace

from domain.contracts import CodePurpose, Standing
from domain.journey.contracts import LeaveParcel, ReportFailedHandover
from domain.journey.terms import HandoverObstacle, UndeliverableAction
from tests.workflows.play import Play

NEAR_M = 80


async def carried(play: Play, chosen: UndeliverableAction | None) -> Play:
    """Bring the parcel on its way, with what the customer wants done when nobody takes it."""
    play.order = replace(play.order, undeliverable_action=chosen)
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    return play


async def fail(
    play: Play, reason: HandoverObstacle = HandoverObstacle.RECIPIENT_ABSENT
) -> Standing:
    """Have the traveler report that the parcel could not be handed over."""
    command = ReportFailedHandover(play.traveler, reason, NEAR_M, "rang twice")
    return await play.send("report_failed_handover", command)


async def leave(play: Play, where: UndeliverableAction) -> Standing:
    """Have the traveler leave the parcel."""
    return await play.send("leave_parcel", LeaveParcel(play.traveler, where, NEAR_M, "left door"))
