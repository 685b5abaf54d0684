"""The ways a delivery can go on and end when nothing is heard of its traveler."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domain.contracts import CodePurpose
from domain.journey.contracts import CheckIn
from domain.journey.terms import SilencePolicy
from domain.policies import Policies
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import Exit
from tests.workflows.play import Play

_WATCHED = Policies(silence=SilencePolicy())


async def _silent(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.pass_time(timedelta(days=1, seconds=5))
    await play.happened("traveler_nudged")


async def heard_again(play: Play, provider: SandboxProvider) -> None:
    await _silent(play)
    await play.send("check_in", CheckIn(play.traveler, "no network"))
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


async def never_heard(play: Play, provider: SandboxProvider) -> None:
    await _silent(play)
    await play.pass_time(timedelta(hours=6, seconds=5))
    await play.happened("traveler_urged")
    await play.pass_time(timedelta(hours=12, seconds=5))
    await play.parked("traveler_silent")
    await play.pass_time(timedelta(days=9))
    await play.happened("dispute_opened")
    await play.pass_dispute_time(timedelta(days=14, seconds=5))


SILENCE_EXITS: Mapping[str, Exit] = {
    "heard-again": Exit(heard_again, DeliveryStatus.COMPLETED, policies=_WATCHED),
    "never-heard": Exit(never_heard, DeliveryStatus.REFUNDED, policies=_WATCHED),
}
"""By the name of the history that is kept of it."""
