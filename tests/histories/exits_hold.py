"""The ways a delivery can end that staff have frozen in between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

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


HOLD_EXITS: Mapping[str, Exit] = {
    "held-up": Exit(held_up, DeliveryStatus.COMPLETED),
    "held-up-in-dispute": Exit(held_up_in_dispute, DeliveryStatus.SETTLED),
}
"""By the name of the history that is kept of it."""
