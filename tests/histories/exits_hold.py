"""The ways a delivery can end that staff have frozen in between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domain.amending import CorrectDeadline, CorrectParcel
from domain.contracts import CodePurpose
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import Exit
from tests.workflows.holding import hold, resume
from tests.workflows.play import Play


async def held_up(play: Play, provider: SandboxProvider) -> None:
    """Frozen on the way for five days and handed over meanwhile."""
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await hold(play)
    await play.pass_time(timedelta(days=5))
    await play.happened("hold_overdue")
    await play.scan(CodePurpose.HANDOVER)
    await play.happened("clock_stopped")
    await resume(play)
    await play.confirm()


async def held_up_in_dispute(play: Play, provider: SandboxProvider) -> None:
    """Frozen while an agent decides."""
    await play.delivered()
    await play.dispute()
    await play.dispute_handle()
    await hold(play)
    await play.happened("clock_stopped")
    await resume(play)
    await play.happened("clock_resumed")
    await play.decide(VerdictOutcome.SPLIT, 1_000)


async def put_right(play: Play, provider: SandboxProvider) -> None:
    """Given another deadline, weighed again, and carried."""
    await play.held()
    due_at = (await play.standing())["deadline_at"] + timedelta(days=5)
    why = "The customer has told us."
    await play.send("correct_deadline", CorrectDeadline(due_at, why))
    await play.send("correct_parcel", CorrectParcel(2_500, None, why))
    await play.pass_time(timedelta(days=6))
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


HOLD_EXITS: Mapping[str, Exit] = {
    "held-up": Exit(held_up, DeliveryStatus.COMPLETED),
    "put-right": Exit(put_right, DeliveryStatus.COMPLETED),
    "held-up-in-dispute": Exit(held_up_in_dispute, DeliveryStatus.SETTLED),
}
"""By the name of the history that is kept of it."""
