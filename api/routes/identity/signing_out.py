"""Admins sign somebody out everywhere, whose account or device is in other hands."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.responses import Response

from api.access.callers import claim_by
from api.access.claims import Claim, Outcome
from api.access.permissions import Action, requires, role_missing
from api.access.request import Changing
from api.changes import outcome_of, perform
from api.edge.documented import CHANGES, refusals
from api.edge.problems import not_found
from api.edge.requests import StrictRoute
from api.models.identity.profile import EndedView
from api.models.identity.roles import EndingOrder
from api.queries.identity.own_sessions import SigningOut, sign_out_everywhere
from api.routes.paths import PersonPath
from api.services import Parts
from domain.ids import PersonId
from infra.identity.granting import NobodyThere

router = APIRouter(
    prefix="/v1/people/{person_id}/sessions", tags=["people"], route_class=StrictRoute
)

_CLAIM = claim_by(Action.END_SESSIONS_OF)


@router.post(
    "/end",
    dependencies=[requires(Action.END_SESSIONS_OF)],
    response_model=EndedView,
    responses=refusals(*CHANGES),
    summary="Sign a person out everywhere",
)
async def end_sessions_of(
    person_id: PersonPath, order: EndingOrder, change: Changing, parts: Parts
) -> Response:
    """End every session of a person at once, and what was begun to get in; the person is told why.

    Passwords, factors and keys stay as they are.
    """

    async def act(claimed: Claim) -> Outcome:
        wanted = SigningOut(PersonId(person_id), claimed.asker.person_id, order.reason)
        try:
            ended = await sign_out_everywhere(parts.engine, wanted)
        except NobodyThere:
            raise not_found() from None
        return outcome_of(EndedView(ended=ended))

    return await perform(
        parts, change, _CLAIM, {}, act, unclaimed=lambda _: role_missing(Action.END_SESSIONS_OF)
    )
