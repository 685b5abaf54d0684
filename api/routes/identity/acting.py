"""Staff act in a person's place: for a quarter of an hour, for a reason, and never with money."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import APIRouter
from starlette.responses import Response

from api.access.callers import claim_by
from api.access.claims import HELD_S_MAX, REPLAYED_HEADER, Replay, claim, held, keep
from api.access.permissions import Action, requires, role_missing
from api.access.request import Changing
from api.changes import outcome_of
from api.edge.answers import json_answer
from api.edge.documented import CHANGES, refusals
from api.edge.problems import not_found
from api.edge.requests import StrictRoute
from api.models.identity.acting import ActingView, NewActing
from api.routes.paths import PersonPath
from api.services import Parts
from domain.ids import PersonId
from infra.identity.acting import NewActing as Wanted
from infra.identity.acting import NobodyToActFor

router = APIRouter(prefix="/v1/people/{person_id}", tags=["people"], route_class=StrictRoute)

_CLAIM = claim_by(Action.ACT_FOR)


@router.post(
    "/acting",
    dependencies=[requires(Action.ACT_FOR)],
    status_code=HTTPStatus.CREATED,
    response_model=ActingView,
    responses=refusals(*CHANGES),
    summary="Act in a person's place",
)
async def act_for(
    person_id: PersonPath, new: NewActing, change: Changing, parts: Parts
) -> Response:
    """Get a credential that sees what a person sees, for fifteen minutes.

    It changes only what is named here, and ends with your session. Every change is in the audit and
    in the history of the delivery with both ids; the person is told by mail what you do, and why.
    Money, payout accounts, passwords, factors and sessions are out of its reach.
    """
    claimed = await claim(
        parts.database,
        _CLAIM,
        change,
        {},
        lambda _: role_missing(Action.ACT_FOR),
        held_s=HELD_S_MAX,
    )
    if isinstance(claimed, Replay):
        answer = claimed.outcome.answer()
        answer.headers[REPLAYED_HEADER] = "true"
        return answer
    asker = claimed.asker
    wanted = Wanted(
        claimed.resource_id,
        asker.person_id,
        " ".join(sorted(asker.roles)),
        PersonId(person_id),
        new.reason,
        tuple(sorted(set(new.actions))),
        change.token_hash,
    )
    try:
        async with held(parts.database, claimed):
            credential, expires_at = await parts.acting.create(wanted)
    except NobodyToActFor:
        raise not_found() from None
    view = ActingView(
        acting_id=claimed.resource_id,
        person_id=person_id,
        credential=credential,
        expires_at=expires_at,
    )
    kept = outcome_of(view.model_copy(update={"credential": None}), HTTPStatus.CREATED)
    await keep(parts.database, claimed, kept)
    return json_answer(view, HTTPStatus.CREATED, {"Cache-Control": "no-store"})
