"""The commands that move a delivery on: pay, scan, confirm, cancel, dispute, resolve."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter, Request
from starlette.responses import Response

from api.access.claims import Claim
from api.access.permissions import Action, requires
from api.access.request import Changing
from api.changes import actor_as, sight_of_claim
from api.edge.documented import COMMANDS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.requests import NewDispute, NoFields, PaymentMethod, Resolution
from api.models.scanning import Scan
from api.queries.scanning import SCAN_REFUSALS
from api.routes.paths import DeliveryPath
from api.scanning import perform_scan, scanning_by_traveler
from api.sending import send_command
from api.services import Parts
from domain.contracts import (
    CodePurpose,
    ConfirmDelivery,
    GivePaymentMethod,
    OpenDispute,
    ResolveAttention,
)
from domain.errors import RefusalCode
from domain.ids import DisputeId

router = APIRouter(
    prefix="/v1/deliveries/{delivery_id}", tags=["progress"], route_class=StrictRoute
)


@router.post(
    "/payment-method",
    dependencies=[requires(Action.GIVE_PAYMENT_METHOD)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS, RefusalCode.PAYMENT_ATTEMPTS_REACHED),
    summary="Give another payment method",
)
async def give_payment_method(
    delivery_id: DeliveryPath, method: PaymentMethod, change: Changing, parts: Parts
) -> Response:
    """After a decline, name another payment method; it is tried at once."""

    def command_of(claimed: Claim) -> GivePaymentMethod:
        actor = actor_as(sight_of_claim(claimed))
        return GivePaymentMethod(actor, method.payment_method)

    return await send_command(parts, change, delivery_id, "give_payment_method", command_of)


@router.post(
    "/pickup",
    dependencies=[requires(Action.SCAN_PICKUP)],
    response_model=DeliveryView,
    responses=refusals(
        *COMMANDS,
        *SCAN_REFUSALS,
        RefusalCode.PAYMENT_CAPTURING,
        RefusalCode.PAYMENT_NOT_CAPTURED,
    ),
    summary="Scan the sender's code",
)
async def scan_pickup(
    delivery_id: DeliveryPath, scan: Scan, request: Request, change: Changing, parts: Parts
) -> Response:
    """The traveler scans the code that the sender shows, and carries the parcel from here on.

    A payment that was only reserved is captured first. On `payment_capturing` and
    `payment_not_captured` the parcel stays with its sender; after the first, scan again in a
    minute, as a new request.
    """
    scanning = scanning_by_traveler(parts, request, CodePurpose.PICKUP, scan)
    return await perform_scan(parts, change, delivery_id, scanning)


@router.post(
    "/handover",
    dependencies=[requires(Action.SCAN_HANDOVER)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS, *SCAN_REFUSALS),
    summary="Scan the recipient's code",
)
async def scan_handover(
    delivery_id: DeliveryPath, scan: Scan, request: Request, change: Changing, parts: Parts
) -> Response:
    """The traveler scans the code that the recipient shows; the dispute window begins."""
    scanning = scanning_by_traveler(parts, request, CodePurpose.HANDOVER, scan)
    return await perform_scan(parts, change, delivery_id, scanning)


@router.post(
    "/confirm",
    dependencies=[requires(Action.CONFIRM_DELIVERY)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS),
    summary="Confirm the delivery",
)
async def confirm(
    delivery_id: DeliveryPath, change: Changing, parts: Parts, _: NoFields | None = None
) -> Response:
    """The customer is content: the dispute window ends now and the traveler is paid."""

    def command_of(claimed: Claim) -> ConfirmDelivery:
        return ConfirmDelivery(actor_as(sight_of_claim(claimed)))

    return await send_command(parts, change, delivery_id, "confirm", command_of)


@router.post(
    "/dispute",
    dependencies=[requires(Action.OPEN_DISPUTE)],
    status_code=HTTPStatus.CREATED,
    response_model=DeliveryView,
    responses=refusals(
        *COMMANDS, RefusalCode.DISPUTE_WINDOW_CLOSED, RefusalCode.VERDICT_AMOUNT_INVALID
    ),
    summary="Open a dispute",
)
async def open_dispute(
    delivery_id: DeliveryPath, dispute: NewDispute, change: Changing, parts: Parts
) -> Response:
    """Dispute the delivery inside the window; the payment stays held until a verdict."""

    def command_of(claimed: Claim) -> OpenDispute:
        actor = actor_as(sight_of_claim(claimed))
        return OpenDispute(
            actor,
            DisputeId(claimed.resource_id),
            dispute.reason,
            dispute.desired_outcome,
            dispute.desired_refund_minor,
        )

    return await send_command(
        parts, change, delivery_id, "open_dispute", command_of, status=HTTPStatus.CREATED
    )


@router.post(
    "/resolve",
    dependencies=[requires(Action.RESOLVE_DELIVERY)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS, RefusalCode.NOTHING_NEEDS_ATTENTION, RefusalCode.SKIP_NOT_SAFE),
    summary="Resolve a parked step",
)
async def resolve(
    delivery_id: DeliveryPath, resolution: Resolution, change: Changing, parts: Parts
) -> Response:
    """Staff say how a parked step goes on; `retry` is always safe."""

    def command_of(claimed: Claim) -> ResolveAttention:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        return ResolveAttention(
            resolution.action, resolution.reference, resolution.reason, actor.person_id
        )

    return await send_command(parts, change, delivery_id, "resolve_attention", command_of)
