"""Claims of scans without network: what became of them, and what agents decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires
from api.access.request import Changing, TokenHash
from api.access.rows import STAFF
from api.changes import actor_as, outcome_of, perform, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import COMMANDS, LISTS, READS, refusals
from api.edge.requests import StrictRoute
from api.models.answers import Page
from api.models.offline import ClaimView, NewClaimDecision
from api.models.types import ID_PATTERN
from api.offline.deciding import Deciding, decide_claim
from api.offline.views import claim_view, evidence_view
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries.offline import CLAIM_ON_CLAIM, ClaimFilter, claims_page, known_claim
from api.queries.scanning import SCAN_REFUSALS
from api.services import Parts, Services
from domain.errors import RefusalCode
from domain.offline.states import ClaimState

router = APIRouter(prefix="/v1/offline-claims", tags=["offline"], route_class=StrictRoute)

ClaimPath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the claim.")]


@router.get(
    "",
    dependencies=[requires(Action.LIST_CLAIMS)],
    response_model=Page[ClaimView],
    responses=refusals(*LISTS),
    summary="List claims",
)
async def list_claims(
    token: TokenHash,
    parts: Parts,
    *,
    state: Annotated[ClaimState | None, Query(description="Only claims in this state.")] = None,
    delivery_id: Annotated[
        str | None, Query(pattern=ID_PATTERN, description="Only claims about this delivery.")
    ] = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """Return the claims that you have made, the newest first; staff see everybody's."""
    before_id = read_id_cursor(cursor, NEWEST)
    wanted = ClaimFilter(state, delivery_id)
    rows = await claims_page(parts.database, token, wanted, before_id, limit + 1)
    shown = [claim_view(row) for row in rows[:limit]]
    next_cursor = id_cursor(shown[-1].claim_id) if len(rows) > limit else None
    return json_answer(Page[ClaimView](items=shown, next_cursor=next_cursor))


@router.get(
    "/{claim_id}",
    dependencies=[requires(Action.READ_CLAIM)],
    response_model=ClaimView,
    responses=refusals(*READS),
    summary="Read a claim",
)
async def read_claim(claim_id: ClaimPath, token: TokenHash, parts: Parts) -> Response:
    """Return a claim as it stands; agents and operators see its evidence as well."""
    sight, row = await known_claim(parts.database, token, claim_id)
    is_staff = bool(sight.relations & STAFF)
    return json_answer(await _view(parts, row, is_staff=is_staff))


@router.post(
    "/{claim_id}/decision",
    dependencies=[requires(Action.DECIDE_CLAIM)],
    response_model=ClaimView,
    responses=refusals(
        *COMMANDS,
        *SCAN_REFUSALS,
        RefusalCode.CLAIM_CONFLICT,
        RefusalCode.SECOND_PERSON_NEEDED,
        RefusalCode.PAYMENT_CAPTURING,
        RefusalCode.PAYMENT_NOT_CAPTURED,
    ),
    summary="Decide about a claim",
)
async def decide(
    claim_id: ClaimPath, new: NewClaimDecision, change: Changing, parts: Parts, token: TokenHash
) -> Response:
    """Accept a claim in review, so that custody moves as by a scan, or refuse it.

    The delivery goes on either way. At the levels high and maximum, a claim whose code is of another
    moment is accepted once two people of staff have said so: after the first it stays in review. What cannot be proven any more is refused with `code_wrong` or
    `code_already_used`: custody that moved all the same is for an emergency override.
    """

    async def act(claimed: Claim) -> Outcome:
        actor = actor_as(sight_of_claim(claimed))
        await decide_claim(parts, claimed, Deciding(actor, new.decision, new.reason))
        _, row = await known_claim(parts.database, token, claim_id)
        return outcome_of(await _view(parts, row, is_staff=True))

    return await perform(parts, change, CLAIM_ON_CLAIM, {"custody_claim_id": claim_id}, act)


async def _view(parts: Services, row: Mapping[str, Any], *, is_staff: bool) -> ClaimView:
    evidence = await evidence_view(parts.database, row) if is_staff else None
    return claim_view(row, evidence)
