"""The ways a delivery can go on and end after a step that was confirmed by mistake."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from domain.contracts import Actor, CodePurpose
from domain.journey.terms import UndeliverableAction, UndoPolicy
from domain.journey.undoing import UndoStep
from domain.policies import Policies
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import NEAR, Exit
from tests.workflows.play import Play
from tests.workflows.undelivered import fail, leave

_UNDOABLE = Policies(undo=UndoPolicy())


async def _undo(play: Play, by: Actor) -> None:
    await play.send("undo_step", UndoStep(by))


async def taken_again(play: Play, provider: SandboxProvider) -> None:
    """Picked up twice and handed over twice; the payment is captured once."""
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await _undo(play, play.customer)
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await _undo(play, play.traveler)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


async def never_left(play: Play, provider: SandboxProvider) -> None:
    """Left with a neighbour by mistake, and handed over after all."""
    play.order = replace(play.order, undeliverable_action=UndeliverableAction.NEIGHBOUR)
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await fail(play)
    await leave(play, UndeliverableAction.NEIGHBOUR)
    await _undo(play, play.traveler)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


async def never_picked_up(play: Play, provider: SandboxProvider) -> None:
    """Not picked up after all, and cancelled."""
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await _undo(play, play.customer)
    await play.cancel()


UNDOING_EXITS: Mapping[str, Exit] = {
    "undone-and-taken-again": Exit(taken_again, DeliveryStatus.COMPLETED, NEAR, _UNDOABLE),
    "undone-leaving": Exit(never_left, DeliveryStatus.COMPLETED, policies=_UNDOABLE),
    "undone-pickup-cancelled": Exit(never_picked_up, DeliveryStatus.CANCELLED, policies=_UNDOABLE),
}
"""By the name of the history that is kept of it."""
