"""What a route lets people do, declared where the route is and asked before anything else."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Any

from fastapi import Depends, FastAPI
from fastapi.dependencies.models import Dependant
from fastapi.routing import RouteContext, iter_route_contexts

from domain.identity.actions import Action

__all__ = ["Action", "declarations", "declared_action", "requires"]

_ACTION: ContextVar[Action] = ContextVar("action")


class _Declared:
    """The declaration of one action: a dependency that runs before those of the route itself."""

    def __init__(self, action: Action) -> None:
        self.action = action

    async def __call__(self) -> None:
        """Note what the request asks for."""
        _ACTION.set(self.action)


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
    return _ACTION.get()


def declarations(app: FastAPI) -> dict[str, Action | None]:
    """Return what each route declares, by its method and address; none for one that does not."""
    return {
        f"{method} {route.path}": _declared_by(route)
        for route in iter_route_contexts(app.routes)
        for method in sorted(route.methods or ())
    }


def _declared_by(route: RouteContext) -> Action | None:
    dependant: Dependant | None = getattr(route, "dependant", None)
    calls = [each.call for each in dependant.dependencies] if dependant else []
    found = [call.action for call in calls if isinstance(call, _Declared)]
    return found[0] if len(found) == 1 else None
