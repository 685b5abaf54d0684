"""Disputes: both sides add evidence and messages, an agent gives the verdict."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.request import Changing, TokenHash
from api.access.rows import DeliveryRow, Relation, Sight
from api.access.sights import dispute_row, sight_in
from api.changes import (
    CLAIM_ON_DISPUTE,
    actor_as,
    outcome_of,
    perform,
    require_neutral,
    sight_of_claim,
)
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, LISTS, READS, refusals
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.answers import Page
from api.models.records import (
    DisputeSummary,
    DisputeView,
    EvidenceView,
    MessageView,
    VerdictView,
)
from api.models.requests import NewEvidence, NewMessage, NewVerdict
from api.models.types import money_view
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries import disputes as queries
from api.routes.paths import DisputePath
from api.services import Parts
from domain.contracts import DecideDispute, Role
from domain.errors import RefusalCode
from domain.ids import DisputeId
from domain.status import DisputeStatus

router = APIRouter(prefix="/v1/disputes", tags=["disputes"], route_class=StrictRoute)

StatusFilter = Annotated[
    Literal["open", "decided"] | None, Query(description="Only disputes in this state.")
]


@router.get(
    "",
    response_model=Page[DisputeSummary],
    responses=refusals(*LISTS),
    summary="List disputes",
)
async def list_disputes(
    token: TokenHash,
    parts: Parts,
    status: StatusFilter = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List the disputes that concern you, the newest first; support sees all of them."""
    before_id = read_id_cursor(cursor, NEWEST)
    found = await queries.disputes(parts.database, token, status, before_id, limit + 1)
    more = len(found) > limit
    items = found[:limit]
    return json_answer(
        Page[DisputeSummary](
            items=items, next_cursor=id_cursor(items[-1].dispute_id) if more else None
        )
    )


@router.get(
    "/{dispute_id}",
    response_model=DisputeView,
    responses=refusals(*READS),
    summary="Look at a dispute",
)
async def get_dispute(dispute_id: DisputePath, token: TokenHash, parts: Parts) -> Response:
    """Return a dispute with all evidence and messages."""
    row = await dispute_row(parts.database, token, dispute_id)
    delivery = sight_in(row).delivery
    evidence = await queries.evidence_in(parts.database, dispute_id)
    messages = await queries.messages_in(parts.database, dispute_id)
    summary = queries.summary_of(row, dispute_id, "dispute_")
    price = delivery.standing.price
    return json_answer(
        DisputeView(
            **dict(summary),
            held=money_view(price) if price else None,
            evidence=[_evidence(delivery, item) for item in evidence],
            messages=[_message(delivery, item) for item in messages],
        )
    )


@router.post(
    "/{dispute_id}/evidence",
    status_code=HTTPStatus.CREATED,
    response_model=EvidenceView,
    responses=refusals(*CHANGES, RefusalCode.DISPUTE_CLOSED, EdgeCode.DISPUTE_FULL),
    summary="Add evidence",
)
async def add_evidence(
    dispute_id: DisputePath, new: NewEvidence, change: Changing, parts: Parts
) -> Response:
    """Add something that proves your side, while the dispute is open; it stays for ever."""
    values = {
        "dispute_id": dispute_id,
        "kind": new.kind,
        "description": new.description,
        "content_sha256": new.content_sha256,
    }

    async def act(claimed: Claim) -> Outcome:
        _require_added(claimed)
        view = EvidenceView(
            evidence_id=claimed.resource_id,
            author_role=_author_role(sight_of_claim(claimed)),
            kind=new.kind,
            description=new.description,
            content_sha256=new.content_sha256,
            created_at=claimed.created_at,
        )
        return outcome_of(view, HTTPStatus.CREATED)

    return await perform(parts, change, queries.CLAIM_AND_ADD_EVIDENCE, values, act)


@router.post(
    "/{dispute_id}/messages",
    status_code=HTTPStatus.CREATED,
    response_model=MessageView,
    responses=refusals(*CHANGES, RefusalCode.DISPUTE_CLOSED, EdgeCode.DISPUTE_FULL),
    summary="Write a message",
)
async def add_message(
    dispute_id: DisputePath, new: NewMessage, change: Changing, parts: Parts
) -> Response:
    """Write to the other side and the agent, while the dispute is open."""

    async def act(claimed: Claim) -> Outcome:
        _require_added(claimed)
        view = MessageView(
            message_id=claimed.resource_id,
            author_role=_author_role(sight_of_claim(claimed)),
            text=new.text,
            created_at=claimed.created_at,
        )
        return outcome_of(view, HTTPStatus.CREATED)

    values = {"dispute_id": dispute_id, "text": new.text}
    return await perform(parts, change, queries.CLAIM_AND_ADD_MESSAGE, values, act)


@router.post(
    "/{dispute_id}/verdict",
    response_model=VerdictView,
    responses=refusals(
        *CHANGES,
        RefusalCode.DISPUTE_ALREADY_DECIDED,
        RefusalCode.VERDICT_AMOUNT_INVALID,
    ),
    summary="Give the verdict",
)
async def give_verdict(
    dispute_id: DisputePath, new: NewVerdict, change: Changing, parts: Parts
) -> Response:
    """An agent decides who gets the held payment; the verdict is final."""

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight, Relation.AGENT)
        require_neutral(sight)
        verdict = await parts.commands.decide_dispute(
            DisputeId(dispute_id),
            DecideDispute(actor, new.outcome, new.refund_minor, new.note),
            claimed.update_id,
        )
        view = VerdictView(
            dispute_id=dispute_id,
            delivery_id=sight.delivery.delivery_id,
            outcome=verdict.outcome,
            refund=money_view(verdict.refund),
            release=money_view(verdict.release),
        )
        return outcome_of(view)

    return await perform(parts, change, CLAIM_ON_DISPUTE, {"dispute_id": dispute_id}, act)


def _require_added(claimed: Claim) -> None:
    if claimed.row["is_added"]:
        return
    if claimed.row["dispute_status"] != DisputeStatus.OPEN:
        raise Problem(
            RefusalCode.DISPUTE_CLOSED,
            "The dispute has been decided and takes nothing more.",
            current_status=sight_of_claim(claimed).delivery.status,
        )
    raise Problem(EdgeCode.DISPUTE_FULL, "You have added as many of these as one party may.")


def _author_role(sight: Sight) -> str:
    return _role_of(sight.delivery, sight.asker.person_id)


def _role_of(delivery: DeliveryRow, person_id: str) -> str:
    """Return in which capacity somebody speaks; whoever is no party is support."""
    roles: dict[str | None, Role] = {
        delivery.sender_id: Role.SENDER,
        delivery.recipient_id: Role.RECIPIENT,
        delivery.traveler_id: Role.TRAVELER,
        delivery.customer_id: Role.CUSTOMER,
    }
    return roles.get(person_id, Role.AGENT)


def _evidence(delivery: DeliveryRow, row: Mapping[str, Any]) -> EvidenceView:
    return EvidenceView(
        evidence_id=row["evidence_id"],
        author_role=_role_of(delivery, row["author_id"]),
        kind=row["kind"],
        description=row["description"],
        content_sha256=row["content_sha256"],
        created_at=row["created_at"],
    )


def _message(delivery: DeliveryRow, row: Mapping[str, Any]) -> MessageView:
    return MessageView(
        message_id=row["message_id"],
        author_role=_role_of(delivery, row["author_id"]),
        text=row["text"],
        created_at=row["created_at"],
    )
