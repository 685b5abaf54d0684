"""Staff read why a deal or a scan was held against somebody."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.access.sights import permitted_sight_of
from api.edge.answers import json_answer
from api.edge.documented import READS, refusals
from api.edge.requests import StrictRoute
from api.models.risk import RiskDecisionsView
from api.queries.risk import decisions_of
from api.routes.paths import DeliveryPath
from api.services import Parts
from domain.errors import RefusalCode

router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["risk"], route_class=StrictRoute)


@router.get(
    "/risk-decisions",
    dependencies=[requires(Action.READ_RISK_DECISIONS)],
    response_model=RiskDecisionsView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="Read what was decided about risk, and why",
)
async def read_risk_decisions(
    delivery_id: DeliveryPath, token: TokenHash, parts: Parts
) -> Response:
    """Return every decision with its score, reasons and outcome, for staff alone."""
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    return json_answer(await decisions_of(parts.database, sight.delivery.delivery_id))
