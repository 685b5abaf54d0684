"""What the traveler reports when a parcel cannot be handed over, and its way back."""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Change, Changing
from api.changes import actor_as, perform, sight_of_claim
from api.edge.documented import COMMANDS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.scanning import Scan
from api.models.undelivered import FailedHandover, LeftParcel, PositionNow
from api.queries.proofs import require_proofs
from api.queries.scanning import SCAN_REFUSALS
from api.queries.undelivered import CLAIM_AT_PLACE, away_m, given_values
from api.routes.paths import DeliveryPath
from api.scanning import perform_scan, scanning_by_traveler
from api.sending import sent
from api.services import Parts, Services
from domain.contracts import Actor, CodePurpose
from domain.errors import RefusalCode
from domain.journey.contracts import LeaveParcel, ReportFailedHandover
from domain.proofs.policy import LegOutcome

router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}", tags=["undelivered"], route_class=StrictRoute
)

_Report = Callable[[Actor, int | None], object]


@router.post(
    "/handover-failed",
    dependencies=[requires(Action.REPORT_FAILED_HANDOVER)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS, RefusalCode.POSITION_NOT_NEAR, RefusalCode.PROOF_MISSING),
    summary="Report a failed handover",
)
async def report_failed_handover(
    delivery_id: DeliveryPath, failed: FailedHandover, change: Changing, parts: Parts
) -> Response:
    """Say why the parcel could not be handed over; the answer says what you are to do next.

    What follows was chosen when the delivery was opened: another try, leaving the parcel, or the way
    back to its sender.
    """

    def report(actor: Actor, distance_m: int | None) -> ReportFailedHandover:
        return ReportFailedHandover(actor, failed.reason, distance_m, failed.note)

    return await _report(
        parts,
        change,
        delivery_id,
        "report_failed_handover",
        report,
        position=failed.position,
        ending=(LegOutcome.FAILED, failed.reason),
    )


@router.post(
    "/left",
    dependencies=[requires(Action.REPORT_LEFT_PARCEL)],
    response_model=DeliveryView,
    responses=refusals(
        *COMMANDS,
        RefusalCode.POSITION_NOT_NEAR,
        RefusalCode.LEAVING_NOT_ALLOWED,
        RefusalCode.PROOF_MISSING,
    ),
    summary="Report where the parcel was left",
)
async def report_left(
    delivery_id: DeliveryPath, left: LeftParcel, change: Changing, parts: Parts
) -> Response:
    """Leave the parcel of an absent recipient where the customer allowed it.

    The dispute window begins. Without the recipient's code no handover is proven: should it come to
    a dispute that no agent decides, the customer is refunded.
    """

    def report(actor: Actor, distance_m: int | None) -> LeaveParcel:
        return LeaveParcel(actor, left.where, distance_m, left.note)

    return await _report(
        parts,
        change,
        delivery_id,
        "leave_parcel",
        report,
        position=left.position,
        ending=(LegOutcome.LEFT, left.where),
    )


@router.post(
    "/return",
    dependencies=[requires(Action.SCAN_RETURN)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS, *SCAN_REFUSALS),
    summary="Scan the sender's code at the return",
)
async def scan_return(
    delivery_id: DeliveryPath, scan: Scan, request: Request, change: Changing, parts: Parts
) -> Response:
    """The traveler scans the code that the sender shows on getting the parcel back."""
    scanning = scanning_by_traveler(parts, request, CodePurpose.RETURN, scan)
    return await perform_scan(parts, change, delivery_id, scanning)


async def _report(
    parts: Services,
    change: Change,
    delivery_id: str,
    name: str,
    report: _Report,
    *,
    position: PositionNow | None,
    ending: tuple[LegOutcome, str],
) -> Response:
    async def act(claimed: Claim) -> Outcome:
        actor = actor_as(sight_of_claim(claimed))
        require_proofs(claimed.row, CodePurpose.HANDOVER, *ending)
        distance_m = away_m(claimed, position, parts.policies.journey.position_age_s_max)
        return await sent(parts, claimed, name, report(actor, distance_m))

    values = {"delivery_id": delivery_id, **given_values(position)}
    return await perform(parts, change, CLAIM_AT_PLACE, values, act)
