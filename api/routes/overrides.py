"""Emergency overrides: one of the staff asks, another one approves; custody moves without a code."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Query
from starlette.responses import Response

from api.access.callers import caller
from api.access.claims import Claim, Outcome
from api.access.database import Row
from api.access.permissions import Action, actor_as, may, permit, requires
from api.access.request import Change, Changing, TokenHash
from api.access.rows import STAFF, Relation
from api.access.sights import found_by, sight_in
from api.changes import CLAIM_ON_DELIVERY, Complete, outcome_of, perform, sight_of_claim
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, COMMANDS, LISTS, READS, refusals
from api.edge.problems import Problem, not_found
from api.edge.requests import StrictRoute
from api.models.answers import Page
from api.models.overrides import NewOverride, OverrideDecision, OverrideView
from api.models.types import ID_PATTERN
from api.overriding import approval_in, ask_override, decide_override
from api.paging import LIMIT_DEFAULT, NEWEST, Cursor, Limit, id_cursor, read_id_cursor
from api.queries.overrides import CLAIM_ON_OVERRIDE, OVERRIDE, override_view
from api.routes.paths import DeliveryPath
from api.services import Parts, Services
from domain.contracts import CodePurpose
from domain.errors import RefusalCode
from domain.overriding.rules import DecideOverride, OverrideOrder
from infra.overriding.approvals import give_approval
from infra.overriding.asking import AskedFor, OverrideDesk
from infra.overriding.words import WORDS

of_delivery = APIRouter(
    prefix="/v1/deliveries/{delivery_id}/overrides", tags=["overrides"], route_class=StrictRoute
)
router = APIRouter(prefix="/v1/overrides", tags=["overrides"], route_class=StrictRoute)

OverridePath = Annotated[str, Path(pattern=ID_PATTERN, description="Id of the override.")]
DeliveryFilter = Annotated[
    str | None, Query(pattern=ID_PATTERN, description="Only overrides of this delivery.")
]
_DECIDED = (
    *CHANGES,
    RefusalCode.WRONG_STATE,
    RefusalCode.OVERRIDE_EXPIRED,
    RefusalCode.OVERRIDE_SAME_PERSON,
)


@of_delivery.post(
    "",
    dependencies=[requires(Action.ASK_OVERRIDE)],
    status_code=HTTPStatus.CREATED,
    response_model=OverrideView,
    responses=refusals(*COMMANDS, RefusalCode.OVERRIDE_SAME_PERSON),
    summary="Ask for an emergency override",
)
async def ask(
    delivery_id: DeliveryPath, new: NewOverride, change: Changing, parts: Parts
) -> Response:
    """Ask that one step of one delivery is taken without its code; somebody in another role approves it.

    It expires after half an hour. Approved, it moves custody and uses the step's code up; it moves no
    money, which then waits three days longer than usual. Both parties are told.
    """

    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        actor = actor_as(sight)
        if sight.delivery.is_closed:
            raise Problem(RefusalCode.DELIVERY_CLOSED, "The delivery is closed.")
        order = OverrideOrder(
            claimed.resource_id,
            sight.delivery.delivery_id,
            CodePurpose(new.step),
            new.cause,
            actor,
            claimed.created_at,
            parts.policies.overrides,
        )
        desk = _desk(parts)
        said = AskedFor(new.explanation, new.reference, new.witness, new.evidence)
        await desk.keep(order, said)
        await ask_override(parts.temporal, order, claimed.update_id)
        return await _outcome(desk, order.override_id, HTTPStatus.CREATED)

    values = {"delivery_id": delivery_id}
    return await perform(
        parts, change, CLAIM_ON_DELIVERY, values, act, complete=_with_words(_desk(parts))
    )


@router.get(
    "",
    dependencies=[requires(Action.LIST_OVERRIDES)],
    response_model=Page[OverrideView],
    responses=refusals(*LISTS, RefusalCode.NOT_YOUR_ROLE),
    summary="List emergency overrides",
)
async def list_overrides(
    token: TokenHash,
    parts: Parts,
    delivery_id: DeliveryFilter = None,
    limit: Limit = LIMIT_DEFAULT,
    cursor: Cursor = None,
) -> Response:
    """List overrides for staff, the newest first."""
    before_id = read_id_cursor(cursor, NEWEST)
    reader_id = (await caller(parts.database, token)).person_id
    found = await _desk(parts).listed(delivery_id, before_id, limit + 1, reader_id=reader_id)
    items = [override_view(row) for row in found[:limit]]
    next_cursor = id_cursor(items[-1].override_id) if len(found) > limit else None
    return json_answer(Page[OverrideView](items=items, next_cursor=next_cursor))


@router.get(
    "/{override_id}",
    dependencies=[requires(Action.READ_OVERRIDE)],
    response_model=OverrideView,
    responses=refusals(*READS, RefusalCode.NOT_YOUR_ROLE),
    summary="Read an emergency override",
)
async def read_override(override_id: OverridePath, token: TokenHash, parts: Parts) -> Response:
    """Return an override with everything that whoever asked has said."""
    asked = {"token_hash": token, "asked_override_id": override_id}
    permit(sight_in(await found_by(parts.database, OVERRIDE, asked)))
    row = await _desk(parts).read(override_id)
    if row is None:
        raise not_found()
    return json_answer(override_view(row))


@router.post(
    "/{override_id}/approve",
    dependencies=[requires(Action.APPROVE_OVERRIDE)],
    response_model=OverrideView,
    responses=refusals(*_DECIDED),
    summary="Approve an emergency override",
)
async def approve(
    override_id: OverridePath, decision: OverrideDecision, change: Changing, parts: Parts
) -> Response:
    """Approve what somebody else has asked for in another role; custody moves as soon as it can.

    A status of `failed` says that the delivery refused it, for example because the code was scanned.
    """
    return await _decide(parts, change, override_id, "approve", decision)


@router.post(
    "/{override_id}/refuse",
    dependencies=[requires(Action.REFUSE_OVERRIDE)],
    response_model=OverrideView,
    responses=refusals(*_DECIDED),
    summary="Refuse an emergency override",
)
async def refuse(
    override_id: OverridePath, decision: OverrideDecision, change: Changing, parts: Parts
) -> Response:
    """Refuse what somebody else has asked for; custody stays as it is."""
    return await _decide(parts, change, override_id, "refuse", decision)


@router.post(
    "/{override_id}/withdraw",
    dependencies=[requires(Action.WITHDRAW_OVERRIDE)],
    response_model=OverrideView,
    responses=refusals(*_DECIDED),
    summary="Take an emergency override back",
)
async def withdraw(
    override_id: OverridePath, decision: OverrideDecision, change: Changing, parts: Parts
) -> Response:
    """Take back what you have asked for yourself; custody stays as it is."""
    return await _decide(parts, change, override_id, "withdraw", decision)


async def _decide(
    parts: Services, change: Change, override_id: str, update: str, decision: OverrideDecision
) -> Response:
    async def act(claimed: Claim) -> Outcome:
        sight = sight_of_claim(claimed)
        # Whoever holds several roles approves in another one than it was asked in.
        asked_as = Relation(claimed.row["asked_asked_by_role"])
        others = sorted(STAFF - {asked_as}) if update == "approve" else sorted(STAFF)
        is_possible = update != "approve" or bool(sight.relations & set(others))
        actor = actor_as(sight, *others) if is_possible else actor_as(sight)
        approval_id = ""
        if update == "approve":
            approval_id = claimed.resource_id
            await give_approval(parts.engine, approval_in(claimed, override_id, actor))
        command = DecideOverride(actor, decision.note, approval_id)
        await decide_override(parts.temporal, override_id, update, command, claimed.update_id)
        return await _outcome(_desk(parts), override_id)

    values = {"asked_override_id": override_id}
    return await perform(
        parts, change, CLAIM_ON_OVERRIDE, values, act, complete=_with_words(_desk(parts))
    )


async def _outcome(
    desk: OverrideDesk, override_id: str, status: HTTPStatus = HTTPStatus.OK
) -> Outcome:
    row = await desk.read(override_id)
    assert row is not None, "a request that was kept is never deleted"
    # Answers are kept under the key of whoever asked, and words about others must not be.
    unsaid = dict.fromkeys(WORDS)
    return outcome_of(override_view({**row, **unsaid}), status, f"/v1/overrides/{override_id}")


def _with_words(desk: OverrideDesk) -> Complete:
    """Return what adds to an answer what was said about the override, for whoever may read it now."""

    async def complete(row: Row, outcome: Outcome) -> Outcome:
        if not may(sight_in(row), Action.READ_OVERRIDE):
            return outcome
        found = await desk.read(outcome.body["override_id"])
        assert found is not None, "a request that was kept is never deleted"
        words = {name: found[name] for name in WORDS}
        return replace(outcome, body={**outcome.body, **words})

    return complete


def _desk(parts: Services) -> OverrideDesk:
    return OverrideDesk(parts.engine, parts.encryption.keys)
