"""Admins say who has which role; it counts from the next request on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from fastapi import APIRouter
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.responses import Response

from api.access.callers import claim_by
from api.access.claims import Claim, Outcome
from api.access.permissions import Action, declared_action, requires, role_missing
from api.access.request import Change, Changing
from api.changes import outcome_of, perform
from api.edge.documented import CHANGES, refusals
from api.edge.problems import Problem, not_found
from api.edge.requests import StrictRoute
from api.models.identity.roles import RoleOrder, RolesView
from api.routes.paths import PersonPath
from api.services import Parts, Services
from domain.errors import RefusalCode
from domain.identity.roles import PersonRole
from domain.ids import PersonId
from infra.identity.granting import NobodyThere, RoleChange, grant_role, revoke_role

router = APIRouter(prefix="/v1/people/{person_id}/roles", tags=["people"], route_class=StrictRoute)

_Way = Callable[[AsyncEngine, RoleChange], Awaitable[tuple[str, ...]]]
_CLAIMS = {action: claim_by(action) for action in (Action.GRANT_ROLE, Action.REVOKE_ROLE)}


@router.post(
    "/grant",
    dependencies=[requires(Action.GRANT_ROLE)],
    response_model=RolesView,
    responses=refusals(*CHANGES),
    summary="Give a role",
)
async def grant(
    person_id: PersonPath, order: RoleOrder, change: Changing, parts: Parts
) -> Response:
    """Give somebody else a role, with a reason; a senior agent becomes an agent with it."""
    return await _changed(parts, change, person_id, order, grant_role)


@router.post(
    "/revoke",
    dependencies=[requires(Action.REVOKE_ROLE)],
    response_model=RolesView,
    responses=refusals(*CHANGES),
    summary="Take a role",
)
async def revoke(
    person_id: PersonPath, order: RoleOrder, change: Changing, parts: Parts
) -> Response:
    """Take a role from somebody else, with a reason; what they may do by it ends at once."""
    return await _changed(parts, change, person_id, order, revoke_role)


async def _changed(
    parts: Services, change: Change, person_id: str, order: RoleOrder, way: _Way
) -> Response:
    async def act(claimed: Claim) -> Outcome:
        by = claimed.asker.person_id
        if by == person_id:
            raise Problem(RefusalCode.NOT_YOUR_ROLE, "Nobody changes roles of their own.")
        wanted = RoleChange(PersonId(person_id), order.role, order.reason, by, PersonRole.ADMIN)
        try:
            roles = await way(parts.engine, wanted)
        except NobodyThere:
            raise not_found() from None
        return outcome_of(RolesView(person_id=person_id, roles=list(roles)))

    statement = _CLAIMS[declared_action()]
    return await perform(
        parts, change, statement, {}, act, unclaimed=lambda _: role_missing(declared_action())
    )
