"""Money that moves after the fact: ordered, read, and resolved where it is stuck."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Change, Changing, TokenHash
from api.access.rows import STAFF, Relation
from api.access.sights import found_by, permitted_sight_of, sight_in
from api.changes import (
    CLAIM_ON_DELIVERY,
    actor_as,
    outcome_of,
    perform,
    sight_of_claim,
)
from api.edge.answers import json_answer
from api.edge.documented import COMMANDS, LISTS, READS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import Page
from api.models.corrections import CorrectionView, NewCorrection
from api.models.requests import Resolution
from api.models.types import money_view
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries.corrections import (
    CLAIM_ON_CORRECTION,
    CORRECTION,
    corrections_of,
    shown_in,
)
from api.routes.paths import CorrectionPath, DeliveryPath
from api.services import Parts, Services
from api.views import clock_view
from domain.contracts import Actor, AttentionAction, ResolveAttention
from domain.correcting.again import AgainCommand, DoneByHand
from domain.correcting.rules import (
    AFTER_UNDOING,
    ORDERED_BY,
    OVER,
    CorrectionKind,
    CorrectionOrder,
    CorrectionStanding,
)
from domain.errors import RefusalCode
from domain.ids import CorrectionId, correction_workflow_id, undone_workflow_id
from domain.money import Money

of_delivery = APIRouter(
    prefix="/v1/deliveries/{delivery_id}/corrections", tags=["corrections"], route_class=StrictRoute
)
router = APIRouter(prefix="/v1/corrections", tags=["corrections"], route_class=StrictRoute)

_AGAIN = {
    CorrectionKind.REFUND_AGAIN: "refund_again",
    CorrectionKind.PAYOUT_AGAIN: "pay_out_again",
}


@of_delivery.post(
    "",
    dependencies=[requires(Action.ORDER_CORRECTION)],
    status_code=HTTPStatus.CREATED,
    response_model=CorrectionView,
    responses=refusals(
        *COMMANDS,
        RefusalCode.BEARER_INVALID,
        RefusalCode.CORRECTION_AMOUNT_INVALID,
        RefusalCode.ESCROW_CONFLICT,
        RefusalCode.PAYMENT_ATTEMPTS_REACHED,
    ),
    summary="Order a correction",
)
async def order_correction(
    delivery_id: DeliveryPath, new: NewCorrection, change: Changing, parts: Parts
) -> Response:
    """Move money after the fact; the answer comes once it is on record, and the money moves next.

    Staff refund as goodwill, compensate a traveler and end debts; the customer tips. A tip that is
    declined reads so afterwards.
    """
    return await place_order(
        parts, change, delivery_id, lambda claimed: _order(parts, claimed, new)
    )


@of_delivery.get(
    "",
    dependencies=[requires(Action.LIST_CORRECTIONS)],
    response_model=Page[CorrectionView],
    responses=refusals(*LISTS, RefusalCode.NOT_YOUR_ROLE),
    summary="List corrections",
)
async def list_corrections(
    delivery_id: DeliveryPath,
    token: TokenHash,
    parts: Parts,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List the corrections of a delivery that concern you, the newest first; staff see all."""
    before_id = read_id_cursor(cursor, NEWEST)
    sight = await permitted_sight_of(parts.database, token, delivery_id)
    known, relations = sight.delivery.delivery_id, sight.relations
    found = await corrections_of(parts.database, known, relations, before_id, limit + 1)
    shown = found[:limit]
    next_cursor = id_cursor(shown[-1].correction_id) if len(found) > limit else None
    return json_answer(Page[CorrectionView](items=shown, next_cursor=next_cursor))


@router.get(
    "/{correction_id}",
    dependencies=[requires(Action.READ_CORRECTION)],
    response_model=CorrectionView,
    responses=refusals(*READS),
    summary="Look at a correction",
)
async def get_correction(correction_id: CorrectionPath, token: TokenHash, parts: Parts) -> Response:
    """Return a correction that concerns you."""
    asked = {"token_hash": token, "asked_correction_id": correction_id}
    row = await found_by(parts.database, CORRECTION, asked)
    return json_answer(shown_in(row, sight_in(row).relations))


@router.post(
    "/{correction_id}/resolve",
    dependencies=[requires(Action.RESOLVE_CORRECTION)],
    response_model=CorrectionView,
    responses=refusals(
        *COMMANDS,
        RefusalCode.NOTHING_NEEDS_ATTENTION,
        RefusalCode.SKIP_NOT_SAFE,
        RefusalCode.ESCROW_CONFLICT,
    ),
    summary="Resolve a correction",
)
async def resolve_correction(
    correction_id: CorrectionPath, resolution: Resolution, change: Changing, parts: Parts
) -> Response:
    """Staff say how a correction goes on that is parked or waits for them.

    For what came undone, `retry` gives it again in the same way, under a new operation, and `skip` is
    for money that has gone another way already, such as by a lost chargeback.
    """

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        shown = shown_in(claimed.row, sight.relations)
        workflow_id, name, command = _resolving(claimed, shown, resolution, actor)
        standing = await parts.commands.resolve_correction(
            workflow_id, name, command, claimed.update_id
        )
        return outcome_of(moved_on(shown, standing))

    asked = {"asked_correction_id": correction_id}
    return await perform(parts, change, CLAIM_ON_CORRECTION, asked, act)


async def place_order(
    parts: Services,
    change: Change,
    delivery_id: str,
    order_of: Callable[[Claim], CorrectionOrder],
) -> Response:
    """Begin the correction that a request on a delivery orders, and answer with how it stands."""

    async def act(claimed: Claim) -> Outcome:
        seen = None if claimed.seen is None else claimed.seen.sequence
        order = replace(order_of(claimed), seen=seen)
        standing = await parts.commands.order_correction(order, claimed.update_id)
        relations = sight_of_claim(claimed).relations
        view = ordered_view(order, standing, relations, claimed.created_at)
        location = f"/v1/corrections/{order.correction_id}"
        return outcome_of(view, HTTPStatus.CREATED, location)

    return await perform(parts, change, CLAIM_ON_DELIVERY, {"delivery_id": delivery_id}, act)


def _order(parts: Services, claimed: Claim, new: NewCorrection) -> CorrectionOrder:
    sight, kind = sight_of_claim(claimed), CorrectionKind(new.kind)
    actor = actor_as(sight, *(Relation(role) for role in ORDERED_BY[kind]))
    delivery = sight.delivery
    return CorrectionOrder(
        correction_id=CorrectionId(claimed.resource_id),
        delivery_id=delivery.delivery_id,
        kind=kind,
        actor=actor,
        amount=Money(new.amount_minor, delivery.currency),
        status=delivery.status,
        customer_id=delivery.customer_id,
        traveler_id=delivery.traveler_id,
        bearer=new.bearer,
        debtor=new.debtor,
        payment_method=new.payment_method or "",
        reference=new.reference,
        note=new.note,
        policies=parts.policies,
    )


def _resolving(
    claimed: Claim, shown: CorrectionView, resolution: Resolution, actor: Actor
) -> tuple[str, str, object]:
    """Return the workflow to send a resolution to, the name of its update, and the command."""
    kind, reason = CorrectionKind(shown.kind), resolution.reason
    if kind not in AFTER_UNDOING:
        workflow_id = correction_workflow_id(CorrectionId(shown.correction_id))
        command = ResolveAttention(resolution.action, resolution.reference, reason, actor.person_id)
        return workflow_id, "resolve_attention", command
    workflow_id = undone_workflow_id(claimed.row["correction_undone_operation_id"])
    if resolution.action is AttentionAction.DONE_BY_HAND:
        return workflow_id, "done_by_hand", DoneByHand(actor, resolution.reference, reason)
    is_skipped = resolution.action is AttentionAction.SKIP
    return workflow_id, "give_up" if is_skipped else _AGAIN[kind], AgainCommand(actor, reason)


def ordered_view(
    order: CorrectionOrder,
    standing: CorrectionStanding,
    relations: frozenset[Relation],
    ordered_at: datetime,
) -> CorrectionView:
    """Return a correction as it stands when it has just been ordered."""
    is_told = bool(relations & STAFF) or order.kind is CorrectionKind.EXTRA_COST
    return CorrectionView(
        correction_id=order.correction_id,
        delivery_id=order.delivery_id,
        kind=order.kind,
        status=standing.status,
        amount=money_view(order.amount),
        bearer=order.bearer,
        debtor=order.debtor,
        cost_reason=order.cost_reason,
        note=order.note if is_told else "",
        reference=order.reference if is_told else "",
        step="",
        problem="",
        deadline=clock_view(standing.deadline_kind, standing.deadline_at),
        ordered_by_role=order.actor.role,
        ordered_at=ordered_at,
        closed_at=ordered_at if standing.status in OVER else None,
    )


def moved_on(shown: CorrectionView, standing: CorrectionStanding) -> CorrectionView:
    """Return a correction as it stands after a command."""
    return shown.model_copy(
        update={
            "status": str(standing.status),
            "step": standing.step,
            "problem": standing.problem,
            "deadline": clock_view(standing.deadline_kind, standing.deadline_at),
        }
    )
