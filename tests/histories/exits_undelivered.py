"""The ways a delivery can go on and end when its parcel cannot be handed over."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from domain.contracts import CodePurpose
from domain.ids import DisputeId
from domain.journey.contracts import ReportLoss
from domain.journey.terms import LossKind, UndeliverableAction
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import Exit
from tests.workflows.play import Play
from tests.workflows.undelivered import carried, fail, leave


async def redelivered(play: Play, provider: SandboxProvider) -> None:
    await carried(play, UndeliverableAction.RETRY)
    await fail(play)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


async def left(play: Play, provider: SandboxProvider) -> None:
    await carried(play, UndeliverableAction.NEIGHBOUR)
    await fail(play)
    await leave(play, UndeliverableAction.NEIGHBOUR)
    await play.pass_time(timedelta(days=2, seconds=1))


async def returned(play: Play, provider: SandboxProvider) -> None:
    await carried(play, UndeliverableAction.RETURN)
    await fail(play)
    await play.scan(CodePurpose.RETURN)
    await play.pass_time(timedelta(days=2, seconds=1))


async def retried_and_returned(play: Play, provider: SandboxProvider) -> None:
    await carried(play, UndeliverableAction.RETRY)
    await fail(play)
    await play.pass_time(timedelta(days=1, seconds=1))
    await play.happened("return_started")
    await play.scan(CodePurpose.RETURN)
    await play.confirm()


async def not_brought_back(play: Play, provider: SandboxProvider) -> None:
    await carried(play, UndeliverableAction.RETURN)
    await fail(play)
    await play.pass_time(timedelta(days=7, seconds=1))
    await play.happened("dispute_opened")
    await play.decide(VerdictOutcome.REFUND)


async def lost(play: Play, provider: SandboxProvider) -> None:
    await carried(play, UndeliverableAction.RETURN)
    await play.send(
        "report_loss", ReportLoss(play.traveler, DisputeId(new_id()), LossKind.LOST, "on a train")
    )
    await play.decide(VerdictOutcome.REFUND)


_S = DeliveryStatus

UNDELIVERED_EXITS: Mapping[str, Exit] = {
    "redelivered": Exit(redelivered, _S.COMPLETED),
    "left": Exit(left, _S.COMPLETED),
    "returned": Exit(returned, _S.SETTLED),
    "retried-and-returned": Exit(retried_and_returned, _S.SETTLED),
    "not-brought-back": Exit(not_brought_back, _S.REFUNDED),
    "lost": Exit(lost, _S.REFUNDED),
}
"""By the name of the history that is kept of it."""
