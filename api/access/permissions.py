"""What a route lets people do, declared where the route is and asked before anything else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from api.access.admission import admit
from api.access.asking import Asking, acted_by, asking, begin
from api.access.rows import Asker, Relation, Sight
from api.access.step_ups import require_approval
from api.edge.problems import Problem, not_found
from domain.contracts import Actor, Role
from domain.errors import RefusalCode
from domain.identity.actions import Action
from domain.identity.permissions import KNOWN, RULES, Decision, capacity_for, decide, may_ask

__all__ = [
    "Action",
    "acting_as",
    "actor_as",
    "declarations",
    "declared_action",
    "may",
    "permit",
    "require_role",
    "requires",
]

_AS_TRAVELER = frozenset({Relation.OFFERING, Relation.BROWSING})
"""Capacities in which a person acts as a traveler who does not carry the parcel (yet)."""


class _Declared:
    """The declaration of one action: a dependency that runs before those of the route itself."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self, request: Request) -> None:
        """Note what the request asks for, and whether powers of staff count in it.

        Raises:
            Problem: it carries no credential and is not public, the credential is not for this, or
                the person has to approve the request first.
        """
        request.state.asking = begin(Asking(self.action))
        if not self.action.is_public:
            await admit(request, request.state.asking)
            await require_approval(request, request.state.asking)


def requires(action: Action) -> Any:
    """Declare what a route does, as `dependencies=[requires(Action.READ_DELIVERY)]`.

    Who may do it is a row of `domain.identity.permissions.RULES`.
    """
    return Depends(_Declared(action))


def declared_action() -> Action:
    """Return what the request under way asks for.

    Raises:
        LookupError: its route declares nothing.
    """
    found = asking()
    if found is None:
        raise LookupError("the route has no dependencies=[requires(Action...)]")
    return found.action


def permit(sight: Sight, action: Action | None = None, *among: Relation) -> Relation:
    """Return in which capacity the person does what the request asks for, or another action.

    `among` names who may in this case, where not everybody of the rule may.

    Raises:
        Problem: `not_found` or `not_your_role`.
    """
    asked, roles = action or declared_action(), sight.asker.roles
    limits = among or KNOWN
    decision = decide(asked, sight.relations, roles, limits)
    if decision is Decision.HIDDEN:
        raise not_found()
    if decision is not Decision.ALLOWED:
        raise _not_your_role(sight, decision, asked, limits)
    capacity = capacity_for(asked, sight.relations, limits)
    assert capacity is not None, "what is allowed is allowed in some capacity"
    return capacity


def may(sight: Sight, action: Action) -> bool:
    """Tell whether the person may do something besides what the request asks for."""
    return decide(action, sight.relations, sight.asker.roles, KNOWN) is Decision.ALLOWED


def actor_as(sight: Sight, *among: Relation) -> Actor:
    """Return the asking person in the capacity in which they do what the request asks for.

    Raises:
        Problem: `not_found` or `not_your_role`.
    """
    capacity = permit(sight, None, *among)
    return acting_as(Role.TRAVELER if capacity in _AS_TRAVELER else Role(capacity), sight.asker)


def acting_as(role: Role, asker: Asker) -> Actor:
    """Return the asking person in a capacity, with whoever of the staff asks in their place."""
    return Actor(role, asker.person_id, acted_by())


def require_role(asker: Asker, action: Action | None = None) -> None:
    """Check that the person has a role for what the request asks for, or for another action.

    Raises:
        Problem: `not_your_role`.
    """
    asked = action or declared_action()
    if not may_ask(asked, asker.roles):
        raise role_missing(asked)


def role_missing(action: Action) -> Problem:
    """Return the refusal of somebody who has none of the roles for an action."""
    rule = RULES.get(action)
    named = _listed(rule.roles) if rule is not None else "nobody"
    return Problem(RefusalCode.NOT_YOUR_ROLE, f"This is for {named} only.")


def _not_your_role(
    sight: Sight, decision: Decision, action: Action, among: Collection[Relation]
) -> Problem:
    able = [relation for relation in RULES[action].by if relation in among]
    if decision is Decision.PARTY_AS_STAFF:
        detail = "A party of the delivery cannot act as staff in it."
    else:
        detail = f"Only the {' or '.join(able)} of this delivery may do this."
    return Problem(RefusalCode.NOT_YOUR_ROLE, detail, current_status=sight.known_status)


def _listed(roles: Collection[str]) -> str:
    return " and ".join(f"{role}s".replace("_", " ") for role in sorted(roles))


def declarations(app: FastAPI) -> dict[str, Action | None]:
    """Return what each route declares, by its method and address; none for one that does not."""
    return {
        f"{method} {route.path}": _declared_by(route)
        for route in iter_route_contexts(app.routes)
        for method in sorted(route.methods or ())
    }


def action_in(dependencies: Sequence[Any]) -> Action | None:
    """Return the action that is declared among the dependencies of a route; none without one."""
    found = [each.dependency for each in dependencies]
    actions = [each.action for each in found if isinstance(each, _Declared)]
    return actions[0] if len(actions) == 1 else None


def _declared_by(route: RouteContext) -> Action | None:
    dependant: Dependant | None = getattr(route, "dependant", None)
    calls = [each.call for each in dependant.dependencies] if dependant else []
    found = [call.action for call in calls if isinstance(call, _Declared)]
    return found[0] if len(found) == 1 else None
