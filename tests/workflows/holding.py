"""What staff do to a delivery that they freeze."""

from __future__ import annotations

from datetime import timedelta

from domain.contracts import Standing
from domain.holds.rules import HoldDelivery, ResumeDelivery
from tests.workflows.play import Play

WHY = "The customer reports a stolen card."
FOUND = "The card is theirs."


async def hold(play: Play, reason: str = WHY) -> Standing:
    """Freeze the delivery as its agent."""
    return await play.send("hold", HoldDelivery(reason, play.agent.person_id))


async def resume(play: Play) -> Standing:
    """Let the delivery go on."""
    return await play.send("resume", ResumeDelivery(FOUND, play.agent.person_id))


async def rest(play: Play, span: timedelta) -> None:
    """Let a delivery stand still for a while: it is frozen, and goes on after this time."""
    await hold(play)
    await play.pass_time(span)
    await resume(play)
