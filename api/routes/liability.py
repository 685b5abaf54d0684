"""Losses on the way, and who is liable for what in a dispute."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.access.rows import Relation
from api.access.sights import dispute_row, sight_in
from api.changes import actor_as, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import COMMANDS, READS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.liability import LiabilityView, Loss
from api.queries.liability import liability_of
from api.routes.paths import DeliveryPath, DisputePath
from api.sending import send_command
from api.services import Parts
from domain.ids import DisputeId
from domain.journey.contracts import ReportLoss

router = APIRouter(prefix="/v1", tags=["liability"], route_class=StrictRoute)


@router.post(
    "/deliveries/{delivery_id}/loss",
    dependencies=[requires(Action.REPORT_LOSS)],
    status_code=HTTPStatus.CREATED,
    response_model=DeliveryView,
    responses=refusals(*COMMANDS),
    summary="Report a loss on the way",
)
async def report_loss(
    delivery_id: DeliveryPath, loss: Loss, change: Changing, parts: Parts
) -> Response:
    """The parcel is lost, stolen or damaged on its way: a dispute opens and the payment stays held."""

    def command_of(claimed: Claim) -> ReportLoss:
        actor = actor_as(sight_of_claim(claimed))
        return ReportLoss(actor, DisputeId(claimed.resource_id), loss.kind, loss.note)

    return await send_command(
        parts, change, delivery_id, "report_loss", command_of, status=HTTPStatus.CREATED
    )


@router.get(
    "/disputes/{dispute_id}/liability",
    dependencies=[requires(Action.READ_LIABILITY)],
    response_model=LiabilityView,
    responses=refusals(*READS),
    summary="Read who is liable and what would prove it",
)
async def get_liability(dispute_id: DisputePath, token: TokenHash, parts: Parts) -> Response:
    """Return what evidence is expected of whom and what is covered; for agents with a suggestion."""
    row = await dispute_row(parts.database, token, dispute_id)
    sight = sight_in(row)
    found = await liability_of(
        parts.database,
        sight.delivery,
        dispute_id,
        row["dispute_reason"],
        for_agent=Relation.AGENT in sight.relations,
    )
    return json_answer(found)
