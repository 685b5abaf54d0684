"""Extra costs: the traveler asks, the customer agrees or refuses, and only then is anything charged."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Change, Changing
from api.changes import actor_as, outcome_of, perform, sight_of_claim
from api.edge.documented import COMMANDS, refusals
from api.edge.problems import Problem
from api.edge.requests import StrictRoute
from api.models.corrections import CorrectionView, CostConsent, NewExtraCost
from api.models.requests import NoFields
from api.queries.corrections import CLAIM_ON_CORRECTION, shown_in
from api.routes.corrections import moved_on, place_order
from api.routes.paths import CorrectionPath, DeliveryPath
from api.services import Parts, Services
from domain.correcting.extra_costs import AnswerCost
from domain.correcting.rules import OVER, CorrectionKind, CorrectionOrder, CorrectionStatus
from domain.errors import RefusalCode
from domain.ids import CorrectionId, correction_workflow_id
from domain.money import Money


@dataclass(frozen=True, slots=True)
class _Answer:
    update: str
    """Name of the workflow's update."""
    payment_method: str = ""


of_delivery = APIRouter(
    prefix="/v1/deliveries/{delivery_id}/extra-costs",
    tags=["corrections"],
    route_class=StrictRoute,
)
router = APIRouter(
    prefix="/v1/corrections/{correction_id}", tags=["corrections"], route_class=StrictRoute
)


@of_delivery.post(
    "",
    dependencies=[requires(Action.ASK_FOR_EXTRA_COSTS)],
    status_code=HTTPStatus.CREATED,
    response_model=CorrectionView,
    responses=refusals(
        *COMMANDS, RefusalCode.CORRECTION_AMOUNT_INVALID, RefusalCode.REQUESTS_REACHED
    ),
    summary="Ask for extra costs",
)
async def ask_for_extra_costs(
    delivery_id: DeliveryPath, new: NewExtraCost, change: Changing, parts: Parts
) -> Response:
    """Ask the customer to pay what the journey cost besides the price; the delivery does not wait.

    The request is a correction. Without the customer's consent by its deadline nothing is paid.
    """
    return await place_order(
        parts, change, delivery_id, lambda claimed: _order(parts, claimed, new)
    )


@router.post(
    "/agree",
    dependencies=[requires(Action.AGREE_TO_EXTRA_COSTS)],
    response_model=CorrectionView,
    responses=refusals(*COMMANDS),
    summary="Agree to extra costs",
)
async def agree_to_extra_costs(
    correction_id: CorrectionPath, consent: CostConsent, change: Changing, parts: Parts
) -> Response:
    """Pay the extra costs on a payment of their own; all of it goes to the traveler.

    The answer comes once your consent is on record, and the money moves next. A charge that is
    declined reads so afterwards.
    """
    yes = _Answer("agree", consent.payment_method)
    return await _send(parts, change, correction_id, yes)


@router.post(
    "/refuse",
    dependencies=[requires(Action.REFUSE_EXTRA_COSTS)],
    response_model=CorrectionView,
    responses=refusals(*COMMANDS),
    summary="Refuse extra costs",
)
async def refuse_extra_costs(
    correction_id: CorrectionPath, change: Changing, parts: Parts, _: NoFields | None = None
) -> Response:
    """Refuse to pay them; nothing is charged and the delivery goes on."""
    return await _send(parts, change, correction_id, _Answer("refuse"))


@router.post(
    "/take-back",
    dependencies=[requires(Action.TAKE_EXTRA_COSTS_BACK)],
    response_model=CorrectionView,
    responses=refusals(*COMMANDS),
    summary="Take a request for extra costs back",
)
async def take_extra_costs_back(
    correction_id: CorrectionPath, change: Changing, parts: Parts, _: NoFields | None = None
) -> Response:
    """Take a request back that the customer has not answered; nothing is charged."""
    return await _send(parts, change, correction_id, _Answer("take_back"))


async def _send(parts: Services, change: Change, correction_id: str, answer: _Answer) -> Response:
    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        shown = shown_in(claimed.row, sight.relations)
        command = AnswerCost(actor_as(sight), answer.payment_method)
        if shown.kind != CorrectionKind.EXTRA_COST or CorrectionStatus(shown.status) in OVER:
            raise Problem(RefusalCode.WRONG_STATE, "No request for extra costs is open here.")
        workflow_id = correction_workflow_id(CorrectionId(shown.correction_id))
        standing = await parts.commands.resolve_correction(
            workflow_id, answer.update, command, claimed.update_id
        )
        return outcome_of(moved_on(shown, standing))

    asked = {"asked_correction_id": correction_id}
    return await perform(parts, change, CLAIM_ON_CORRECTION, asked, act)


def _order(parts: Services, claimed: Claim, new: NewExtraCost) -> CorrectionOrder:
    sight = sight_of_claim(claimed)
    delivery = sight.delivery
    return CorrectionOrder(
        correction_id=CorrectionId(claimed.resource_id),
        delivery_id=delivery.delivery_id,
        kind=CorrectionKind.EXTRA_COST,
        actor=actor_as(sight),
        amount=Money(new.amount_minor, delivery.currency),
        status=delivery.status,
        customer_id=delivery.customer_id,
        traveler_id=delivery.traveler_id,
        reference=new.receipt,
        note=new.note,
        policies=parts.policies,
        cost_reason=new.reason,
    )
