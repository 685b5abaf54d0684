"""What people report who wait at the pickup in vain, and what the others say to it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.changes import actor_as, perform, sight_of_claim
from api.edge.documented import COMMANDS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.leaving import NoShowReport
from api.models.requests import NoFields
from api.models.undelivered import PositionNow
from api.queries.undelivered import CLAIM_AT_PLACE, given_values
from api.routes.paths import DeliveryPath
from api.sending import send_command, sent
from api.services import Parts
from domain.contracts import Role
from domain.errors import RefusalCode
from domain.ids import DisputeId
from domain.leaving.contracts import ContestNoShow, ReportNoShow
from domain.pricing import Place, distance_m

router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}/no-show", tags=["leaving"], route_class=StrictRoute
)


@router.post(
    "",
    dependencies=[requires(Action.REPORT_NO_SHOW)],
    response_model=DeliveryView,
    responses=refusals(
        *COMMANDS,
        RefusalCode.CANCEL_TOO_LATE,
        RefusalCode.NO_SHOW_TOO_EARLY,
        RefusalCode.POSITION_NOT_NEAR,
    ),
    summary="Report that nobody is there",
)
async def report_no_show(
    delivery_id: DeliveryPath, report: NoShowReport, change: Changing, parts: Parts
) -> Response:
    """Say that you are at the pickup and the other side is not.

    The other side then has some time to come, or to contest it; the deadline of the answer says how
    long. A traveler sends the phone's position; it has to be near the pickup place.
    """

    async def act(claimed: Claim) -> Outcome:
        actor = actor_as(sight_of_claim(claimed))
        distance = None
        if actor.role is Role.TRAVELER and report.position is not None:
            distance = _distance_m(claimed, report.position)
        return await sent(parts, claimed, "report_no_show", ReportNoShow(actor, distance))

    values = {"delivery_id": delivery_id, **given_values(report.position)}
    return await perform(parts, change, CLAIM_AT_PLACE, values, act)


@router.post(
    "/contest",
    dependencies=[requires(Action.CONTEST_NO_SHOW)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS, RefusalCode.CANCEL_TOO_LATE),
    summary="Contest that you were not there",
)
async def contest_no_show(
    delivery_id: DeliveryPath, change: Changing, parts: Parts, _: NoFields | None = None
) -> Response:
    """Contest the report that you are not at the pickup; it becomes a dispute."""

    def command_of(claimed: Claim) -> ContestNoShow:
        actor = actor_as(sight_of_claim(claimed))
        return ContestNoShow(actor, DisputeId(claimed.resource_id))

    return await send_command(parts, change, delivery_id, "contest_no_show", command_of)


def _distance_m(claimed: Claim, given: PositionNow) -> int:
    """Return how far the traveler may be from the pickup place, in metres."""
    row, place = sight_of_claim(claimed).delivery, Place(given.latitude, given.longitude)
    away_m = distance_m(place, Place(row.pickup_latitude, row.pickup_longitude))
    # A position that may be anywhere proves nothing.
    return round(max(away_m, given.accuracy_m))
