"""Disputes: look at them, and add evidence and messages."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, Literal

from fastapi import APIRouter, Query
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, permit, requires
from api.access.request import Changing, TokenHash
from api.access.rows import Sight
from api.access.sights import dispute_row, sight_in
from api.changes import outcome_of, perform, sight_of_claim
from api.dispute_views import ladder_view, role_of
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, LISTS, READS, refusals
from api.edge.documented_headers import TAGGED
from api.edge.problems import EdgeCode, Problem
from api.edge.requests import StrictRoute
from api.models.answers import Page
from api.models.disputes import LadderView, ListedDispute
from api.models.records import EvidenceView, MessageView
from api.models.requests import NewEvidence, NewMessage
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries import disputes as queries
from api.routes.paths import DisputePath
from api.services import Parts
from domain.disputing.ladder import DisputeStage
from domain.errors import RefusalCode
from domain.status import DisputeStatus

router = APIRouter(prefix="/v1/disputes", tags=["disputes"], route_class=StrictRoute)

StatusFilter = Annotated[
    Literal["open", "decided"] | None, Query(description="Only disputes in this state.")
]
StageFilter = Annotated[
    DisputeStage | None, Query(description="Only disputes at this stage of the ladder.")
]
AssignedFilter = Annotated[
    Literal["me"] | None, Query(description="`me`: only those that you are the agent of.")
]


@router.get(
    "",
    dependencies=[requires(Action.LIST_DISPUTES)],
    response_model=Page[ListedDispute],
    responses=refusals(*LISTS),
    summary="List disputes",
)
async def list_disputes(
    token: TokenHash,
    parts: Parts,
    *,
    status: StatusFilter = None,
    stage: StageFilter = None,
    assigned: AssignedFilter = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List the disputes that concern you, the newest first; support sees all of them."""
    found = await queries.disputes(
        parts.database,
        token,
        read_id_cursor(cursor, NEWEST),
        limit + 1,
        status=status,
        stage=stage,
        assigned=assigned is not None,
    )
    more = len(found) > limit
    items = found[:limit]
    return json_answer(
        Page[ListedDispute](
            items=items, next_cursor=id_cursor(items[-1].dispute_id) if more else None
        )
    )


@router.get(
    "/{dispute_id}",
    dependencies=[requires(Action.READ_DISPUTE)],
    response_model=LadderView,
    responses=refusals(*READS) | {200: TAGGED[200]},
    summary="Look at a dispute",
)
async def get_dispute(dispute_id: DisputePath, token: TokenHash, parts: Parts) -> Response:
    """Return a dispute with all evidence and messages, its proposals, and what you may do next.

    The header `ETag` names what you have seen: send it as `If-Match` with your next step.
    """
    row = await dispute_row(parts.database, token, dispute_id)
    said = (
        await queries.evidence_in(parts.database, dispute_id),
        await queries.messages_in(parts.database, dispute_id),
    )
    proposals = await queries.proposals_in(parts.database, dispute_id)
    view = ladder_view(sight_in(row), row, dispute_id, proposals, said)
    return json_answer(view, headers={"ETag": view.etag})


@router.post(
    "/{dispute_id}/evidence",
    dependencies=[requires(Action.ADD_EVIDENCE)],
    status_code=HTTPStatus.CREATED,
    response_model=EvidenceView,
    responses=refusals(*CHANGES, RefusalCode.DISPUTE_CLOSED, EdgeCode.DISPUTE_FULL),
    summary="Add evidence",
)
async def add_evidence(
    dispute_id: DisputePath, new: NewEvidence, change: Changing, parts: Parts
) -> Response:
    """Add something that proves your side, while the dispute is open; it stays for ever."""
    add = queries.CLAIM_AND_ADD_EVIDENCE
    values = {
        "dispute_id": dispute_id,
        "kind": new.kind,
        "description": await queries.sealed_for(parts.database, change, add, new.description),
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
            has_file=False,
            created_at=claimed.created_at,
        )
        return outcome_of(view, HTTPStatus.CREATED)

    return await perform(parts, change, add, values, act)


@router.post(
    "/{dispute_id}/messages",
    dependencies=[requires(Action.WRITE_IN_DISPUTE)],
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

    add = queries.CLAIM_AND_ADD_MESSAGE
    words = await queries.sealed_for(parts.database, change, add, new.text)
    return await perform(parts, change, add, {"dispute_id": dispute_id, "text": words}, act)


def _require_added(claimed: Claim) -> None:
    permit(sight_of_claim(claimed))
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
    return role_of(sight.delivery, sight.asker.person_id)
