"""Undo: for a moment a step that was confirmed by mistake can be taken back."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.changes import actor_as, sight_of_claim
from api.edge.documented import COMMANDS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.requests import NoFields
from api.routes.paths import DeliveryPath
from api.sending import send_command
from api.services import Parts
from domain.errors import RefusalCode
from domain.journey.undoing import UndoStep

router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}", tags=["progress"], route_class=StrictRoute
)


@router.post(
    "/undo",
    dependencies=[requires(Action.UNDO_STEP)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS, RefusalCode.UNDO_WINDOW_CLOSED),
    summary="Undo the last step",
)
async def undo_step(
    delivery_id: DeliveryPath, change: Changing, parts: Parts, _: NoFields | None = None
) -> Response:
    """Take a pickup, a handover or a left parcel back that was confirmed by mistake.

    Only the side that loses by it has a minute for it: the sender for a pickup, the traveler for a
    handover or a left parcel. `undo_until` of the step's event says until when. The delivery stands where it stood, and a new code is issued for another try.
    """

    def command_of(claimed: Claim) -> UndoStep:
        return UndoStep(actor_as(sight_of_claim(claimed)))

    return await send_command(parts, change, delivery_id, "undo_step", command_of)
