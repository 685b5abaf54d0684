"""Leaving a delivery before its pickup, and what that costs."""

from __future__ import annotations

from datetime import UTC, datetime

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.changes import actor_as, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import COMMANDS, READS, refusals
from api.edge.problems import refused
from api.edge.requests import StrictRoute
from api.models.answers import DeliveryView
from api.models.cancellation import Cancellation, CancellationCostView, CancellationQuoteView
from api.models.requests import NoFields
from api.models.types import MoneyView, money_view
from api.queries.cancellation import terms_by
from api.routes.paths import DeliveryPath
from api.sending import send_command
from api.services import Parts
from domain.cancellation import CancellationCost, cancellation_quote, require_cancellable
from domain.contracts import CancelDelivery
from domain.errors import Refusal, RefusalCode
from domain.leaving.contracts import WithdrawTraveler
from domain.money import Money
from domain.status import DeliveryStatus

router = APIRouter(prefix="/v1/deliveries/{delivery_id}", tags=["leaving"], route_class=StrictRoute)


@router.post(
    "/cancel",
    dependencies=[requires(Action.CANCEL_DELIVERY)],
    response_model=DeliveryView,
    responses=refusals(
        *COMMANDS,
        RefusalCode.CANCEL_TOO_LATE,
        RefusalCode.CANCELLATION_COSTS_MORE,
        RefusalCode.REASON_MISSING,
    ),
    summary="Cancel before pickup",
)
async def cancel(
    delivery_id: DeliveryPath,
    change: Changing,
    parts: Parts,
    cancellation: Cancellation | None = None,
) -> Response:
    """Cancel before pickup. A customer pays what the quote says; the rest goes back.

    Whoever else cancels, the customer gets everything back. An agent names a reason when the
    customer would have had to pay.
    """
    wanted = cancellation or Cancellation(cost_minor_max=None, reason="")

    def command_of(claimed: Claim) -> CancelDelivery:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        return CancelDelivery(actor, wanted.cost_minor_max, wanted.reason)

    return await send_command(parts, change, delivery_id, "cancel", command_of)


@router.post(
    "/withdraw",
    dependencies=[requires(Action.GIVE_DELIVERY_BACK)],
    response_model=DeliveryView,
    responses=refusals(*COMMANDS, RefusalCode.CANCEL_TOO_LATE),
    summary="Give a delivery back",
)
async def withdraw(
    delivery_id: DeliveryPath, change: Changing, parts: Parts, _: NoFields | None = None
) -> Response:
    """The traveler gives the delivery back before pickup; the customer gets everything back.

    The request is open to other travelers again, unless the customer wanted otherwise or its time
    has run out; then the delivery is cancelled. Either counts as a strike.
    """

    def command_of(claimed: Claim) -> WithdrawTraveler:
        return WithdrawTraveler(actor_as(sight_of_claim(claimed)))

    return await send_command(parts, change, delivery_id, "withdraw", command_of)


@router.get(
    "/cancellation-quote",
    dependencies=[requires(Action.READ_CANCELLATION_QUOTE)],
    response_model=CancellationQuoteView,
    responses=refusals(
        *READS,
        RefusalCode.NOT_YOUR_ROLE,
        RefusalCode.DELIVERY_CLOSED,
        RefusalCode.WRONG_STATE,
        RefusalCode.CANCEL_TOO_LATE,
    ),
    summary="Ask what cancelling costs",
)
async def get_cancellation_quote(
    delivery_id: DeliveryPath, token: TokenHash, parts: Parts
) -> Response:
    """Say what a cancellation by you costs now, and from when on it costs something else.

    It is the same rule by which the cancellation itself is settled.
    """
    sight, terms = await terms_by(parts.database, token, delivery_id)
    role = actor_as(sight).role
    status = DeliveryStatus(sight.delivery.status)
    try:
        require_cancellable(status)
    except Refusal as refusal:
        raise refused(refusal, status) from refusal
    now, *later = (_view(cost) for cost in cancellation_quote(terms, role, datetime.now(UTC)))
    return json_answer(
        CancellationQuoteView(
            delivery_id=sight.delivery.delivery_id, role=role, now=now, later=later
        )
    )


def _view(cost: CancellationCost) -> CancellationCostView:
    shares = cost.shares
    return CancellationCostView(
        at=cost.at,
        because=cost.because,
        refund=_shown(shares.refund if shares else None),
        compensation=_shown(shares.compensation if shares else None),
        fee=_shown(shares.fee if shares else None),
    )


def _shown(money: Money | None) -> MoneyView | None:
    return money_view(money) if money is not None else None
