"""Staff freeze a delivery and let it go on."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim
from api.access.permissions import Action, requires
from api.access.request import Change, Changing
from api.changes import (
    actor_as,
    sight_of_claim,
)
from api.edge.documented import CHANGES, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.holds import HoldEnd, NewHold
from api.routes.paths import DeliveryPath
from api.sending import send_command
from api.services import Parts, Services
from domain.contracts import Actor
from domain.errors import RefusalCode
from domain.holds.rules import HoldDelivery, ResumeDelivery

router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["holds"], route_class=StrictRoute)


@router.post(
    "/hold",
    dependencies=[requires(Action.HOLD_DELIVERY)],
    response_model=DeliveryView,
    responses=refusals(
        *CHANGES, RefusalCode.DELIVERY_CLOSED, RefusalCode.ON_HOLD, RefusalCode.REASON_MISSING
    ),
    summary="Put a delivery on hold",
)
async def hold(delivery_id: DeliveryPath, new: NewHold, change: Changing, parts: Parts) -> Response:
    """Staff freeze a delivery: its deadlines stand still and no money leaves until it is resumed.

    Commands of people are refused as `on_hold` meanwhile. Only the handover of a parcel that is
    under way is taken.
    """

    def command_of(actor: Actor) -> HoldDelivery:
        return HoldDelivery(new.reason, actor.person_id, actor.role)

    return await _by_staff(parts, change, delivery_id, "hold", command_of)


@router.post(
    "/resume",
    dependencies=[requires(Action.RESUME_DELIVERY)],
    response_model=DeliveryView,
    responses=refusals(
        *CHANGES, RefusalCode.DELIVERY_CLOSED, RefusalCode.NOT_ON_HOLD, RefusalCode.REASON_MISSING
    ),
    summary="Resume a delivery",
)
async def resume(
    delivery_id: DeliveryPath, change: Changing, parts: Parts, end: HoldEnd | None = None
) -> Response:
    """Staff let a delivery go on; its deadline moves by as long as it stood still.

    Where somebody has called for help, they say what was found out; that closes the call.
    """
    reason = end.reason if end is not None else ""

    def command_of(actor: Actor) -> ResumeDelivery:
        return ResumeDelivery(reason, actor.person_id, actor.role)

    return await _by_staff(parts, change, delivery_id, "resume", command_of)


async def _by_staff(
    parts: Services,
    change: Change,
    delivery_id: str,
    name: str,
    command_of: Callable[[Actor], object],
) -> Response:
    """Send a command of somebody who works for the platform and is no party of the delivery."""

    def command_on(claimed: Claim) -> object:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        return command_of(actor)

    return await send_command(parts, change, delivery_id, name, command_on)
