"""What a bank wants of the customer whose payment it has not let through yet."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.permissions import Action, requires
from api.access.request import TokenHash
from api.access.sights import permitted_sight_of
from api.edge.answers import json_answer
from api.edge.documented import READS, refusals
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.payments import PaymentActionView
from api.provider_calls import provider_asked
from api.routes.paths import DeliveryPath
from api.services import Parts
from domain.errors import RefusalCode
from infra.database.operation_rows import unsettled_operation

router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["payment"], route_class=StrictRoute)

_SECRET = {"Cache-Control": "no-store"}
"""The answer lets its holder settle somebody's payment."""


@router.get(
    "/payment-action",
    dependencies=[requires(Action.READ_PAYMENT_ACTION)],
    response_model=PaymentActionView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE, EdgeCode.PAYMENT_ACTION_NOT_WANTED),
    summary="Read what the bank wants",
)
async def get_payment_action(delivery_id: DeliveryPath, token: TokenHash, parts: Parts) -> Response:
    """Return what the customer has to do before the payment can be held or the method saved."""
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    async with parts.database.connection() as connection:
        operation = await unsettled_operation(connection, delivery_id)
    action = None
    if operation is not None:
        with provider_asked():
            action = await parts.payments.provider.action_for(operation)
    if action is None:
        raise Problem(
            EdgeCode.PAYMENT_ACTION_NOT_WANTED,
            "Nothing waits for you at the bank (any more).",
            current_status=sight.known_status,
        )
    view = PaymentActionView(kind=action.kind, client_secret=action.client_secret)
    return json_answer(view, headers=_SECRET)
