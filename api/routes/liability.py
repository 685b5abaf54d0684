"""Losses on the way, and who is liable for what in a dispute."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.request import Changing, TokenHash
from api.access.rows import Relation
from api.access.sights import dispute_row, sight_in
from api.changes import CLAIM_ON_DELIVERY, actor_as, outcome_of, perform, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import COMMANDS, READS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.liability import LiabilityView, Loss
from api.queries.liability import liability_of
from api.routes.paths import DeliveryPath, DisputePath
from api.services import Parts
from api.views import delivery_view
from domain.ids import DisputeId
from domain.journey_contracts import ReportLoss

router = APIRouter(prefix="/v1", tags=["liability"], route_class=StrictRoute)


@router.post(
    "/deliveries/{delivery_id}/loss",
    status_code=HTTPStatus.CREATED,
    response_model=DeliveryView,
    responses=refusals(*COMMANDS),
    summary="Report a loss on the way",
)
async def report_loss(
    delivery_id: DeliveryPath, loss: Loss, change: Changing, parts: Parts
) -> Response:
    """The parcel is lost, stolen or damaged on its way: a dispute opens and the payment stays held."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight, Relation.TRAVELER, Relation.CUSTOMER)
        command = ReportLoss(actor, DisputeId(claimed.resource_id), loss.kind, loss.note)
        standing = await parts.commands.change_delivery(
            sight.delivery.delivery_id, "report_loss", command, claimed.update_id
        )
        location = f"/v1/disputes/{standing.dispute_id}"
        return outcome_of(delivery_view(sight, standing), HTTPStatus.CREATED, location)

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


@router.get(
    "/disputes/{dispute_id}/liability",
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
