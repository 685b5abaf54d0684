"""The ways a delivery can end in which somebody has called for help."""

from __future__ import annotations

from collections.abc import Mapping

from domain.contracts import CodePurpose
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import Exit
from tests.workflows.holding import resume
from tests.workflows.play import Play
from tests.workflows.test_sos import call, wait_in_vain


async def helped(play: Play, provider: SandboxProvider) -> None:
    """The traveler calls on the way, nobody answers for a while, and the parcel arrives all the same."""
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await call(play)
    await wait_in_vain(play)
    await call(play, play.recipient)
    await resume(play)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


async def helped_in_dispute(play: Play, provider: SandboxProvider) -> None:
    """The recipient calls while both sides quarrel."""
    await play.delivered()
    await play.dispute()
    await play.dispute_handle()
    await call(play, play.recipient)
    await play.happened("clock_stopped")
    await resume(play)
    await play.happened("clock_resumed")
    await play.decide(VerdictOutcome.REFUND)


SOS_EXITS: Mapping[str, Exit] = {
    "helped": Exit(helped, DeliveryStatus.COMPLETED),
    "helped-in-dispute": Exit(helped_in_dispute, DeliveryStatus.REFUNDED),
}
"""By the name of the history that is kept of it."""
