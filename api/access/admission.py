"""Lets a request in by its credential: which powers count, before anything is looked up for it."""

from __future__ import annotations

from fastapi import Request

from api.access.asking import Asking
from api.access.request import bearer_of
from api.edge.addresses import client_address
from api.edge.problems import EdgeCode, Problem, unauthenticated
from domain.identity.acting import is_change, may_act
from domain.identity.credentials import Credential
from domain.identity.scopes import names_for_staff, scopes_cover
from domain.identity.staff import StaffRules
from infra.identity.acting import ActingCredentials
from infra.identity.api_keys import ApiKeys


async def admit(request: Request, asking: Asking) -> None:
    """Say with what a request comes, and whether powers of staff count in it.

    Raises:
        Problem: `unauthenticated`, one of `TokenFlaw`, or `scope_missing`.
    """
    bearer = await bearer_of(request)
    asking.credential, asking.session_id = bearer.kind, bearer.session_id
    rules: StaffRules = request.app.state.staff_rules
    is_named = False
    if bearer.kind is Credential.API_KEY:
        is_named = await _admit_key(request, asking, bearer.lookup)
    if bearer.kind is Credential.ACTING:
        await _admit_acting(request, asking, bearer.lookup)
    asking.withheld = rules.withheld(bearer.kind, client_address(request), is_named=is_named)
    asking.staff_counts = asking.withheld is None


async def _admit_key(request: Request, asking: Asking, lookup: bytes) -> bool:
    """Let a program in whose key is for the action; return whether it names one of staff."""
    keys: ApiKeys = request.app.state.services.api_keys
    found = await keys.use(lookup)
    if found is None:
        raise unauthenticated()
    scopes, owner = found
    asking.asker_id, asking.asker_roles = owner["person_id"], tuple(owner["roles"])
    if not scopes_cover(scopes, asking.action):
        raise Problem(EdgeCode.SCOPE_MISSING, f"The key needs the scope {asking.action} for this.")
    return names_for_staff(scopes, asking.action)


async def _admit_acting(request: Request, asking: Asking, lookup: bytes) -> None:
    """Let somebody in who acts for a person, who learns of a change; the audit does before it is made."""
    credentials: ActingCredentials = request.app.state.services.acting
    found = await credentials.use(lookup)
    if found is None:
        raise unauthenticated()
    asking.asker_id, asking.asker_roles = found.actor_id, ("acting",)
    asking.acted_by = found.actor_id
    rules: StaffRules = request.app.state.staff_rules
    if rules.withheld(Credential.SESSION, client_address(request)) is not None:
        raise Problem(EdgeCode.STAFF_POWERS_WITHHELD, "Staff do not work from this address.")
    if not may_act(found.actions, asking.action):
        raise Problem(
            EdgeCode.SCOPE_MISSING, f"Nobody said that you would {asking.action} for the person."
        )
    if is_change(asking.action):
        await credentials.note_change(found, asking.action, request.path_params)
