"""Staff freeze a delivery and let it go on."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.changes import CLAIM_ON_DELIVERY, actor_as, perform, sight_of_claim
from api.edge.documented import CHANGES, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.holds import HoldEnd, NewHold
from api.queries.risk import require_serious
from api.routes.paths import DeliveryPath
from api.sending import send_command, sent
from api.services import Parts
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

    def command_on(claimed: Claim) -> HoldDelivery:
        actor = actor_as(sight_of_claim(claimed))
        return HoldDelivery(new.reason, actor.person_id, actor.role)

    return await send_command(parts, change, delivery_id, "hold", command_on)


@router.post(
    "/resume",
    dependencies=[requires(Action.RESUME_DELIVERY)],
    response_model=DeliveryView,
    responses=refusals(
        *CHANGES,
        RefusalCode.DELIVERY_CLOSED,
        RefusalCode.NOT_ON_HOLD,
        RefusalCode.REASON_MISSING,
        RefusalCode.RISK_DECISION_UNKNOWN,
    ),
    summary="Resume a delivery",
)
async def resume(
    delivery_id: DeliveryPath, change: Changing, parts: Parts, end: HoldEnd | None = None
) -> Response:
    """Staff let a delivery go on; its deadline moves by as long as it stood still.

    Where somebody has called for help, they say what was found out; that closes the call. A scan that
    looked risky passes once the hold that it led to is lifted, or its decision is named here.
    """
    reason = end.reason if end is not None else ""
    lets_pass = end is None or end.lets_risk_pass
    looked_at = (end.risk_decision_id if end is not None else None) or ""

    async def act(claimed: Claim) -> Outcome:
        actor = actor_as(sight_of_claim(claimed))
        if looked_at:
            await require_serious(parts.database, claimed.row["delivery_id"], looked_at)
        command = ResumeDelivery(
            reason, actor.person_id, actor.role, looked_at, lets_risk_pass=lets_pass
        )
        return await sent(parts, claimed, "resume", command)

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)
