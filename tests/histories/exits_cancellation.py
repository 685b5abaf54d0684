"""The ways a delivery can end when somebody leaves before its pickup and that costs something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domain.contracts import CancelDelivery
from domain.policies import standard_policies
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import NEAR, Exit
from tests.workflows.play import Play

LATE = timedelta(days=2, seconds=5)
"""After that, less than a day is left of the three that a pickup has."""


async def cancelled_late(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.pass_time(LATE)
    await play.cancel()


async def waived(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await play.pass_time(LATE)
    await play.send("cancel", CancelDelivery(play.agent, reason="a flood closed the roads"))


async def lapsed_and_cancelled_late(play: Play, provider: SandboxProvider) -> None:
    await play.held()
    await provider.lapse(f"{play.order.delivery_id}:authorise:1")
    await play.pass_time(LATE)
    await play.cancel()


_S, _STANDARD = DeliveryStatus, standard_policies()

CANCELLATION_EXITS: Mapping[str, Exit] = {
    "cancelled-late": Exit(cancelled_late, _S.CANCELLED, policies=_STANDARD),
    "reserved-and-cancelled-late": Exit(cancelled_late, _S.CANCELLED, NEAR, _STANDARD),
    "lapsed-and-cancelled-late": Exit(lapsed_and_cancelled_late, _S.CANCELLED, NEAR, _STANDARD),
    "cancelled-by-agent": Exit(waived, _S.CANCELLED, policies=_STANDARD),
}
"""By the name of the history that is kept of it."""
