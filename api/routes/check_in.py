"""A word instead of a position: the parcel is well on its way."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.changes import (
    actor_as,
    sight_of_claim,
)
from api.edge.documented import COMMANDS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.undelivered import Word
from api.routes.paths import DeliveryPath
from api.sending import send_command
from api.services import Parts
from domain.journey.contracts import CheckIn

router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}", tags=["undelivered"], route_class=StrictRoute
)


@router.post(
    "/check-in",
    dependencies=[requires(Action.CHECK_IN)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS),
    summary="Say that all is well",
)
async def check_in(
    delivery_id: DeliveryPath, word: Word, change: Changing, parts: Parts
) -> Response:
    """Say that the parcel is well on its way, where no position can be sent.

    It ends a silence that was noticed. Staff say it for a traveler whom they have reached.
    """

    def command_of(claimed: Claim) -> CheckIn:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        return CheckIn(actor, word.note)

    return await send_command(parts, change, delivery_id, "check_in", command_of)
