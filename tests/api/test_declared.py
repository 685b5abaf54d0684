"""Every route says what it lets people do: a route that does not is for nobody."""

from __future__ import annotations

from fastapi import FastAPI

from api.access.permissions import declarations
from api.composition import ROUTERS
from domain.identity.actions import Action
from tests.house.source import require_none

ADVICE = """Declare what each of these routes does, and who may do it:
1. name it in domain/identity/actions.py: WRITE_REVIEW = "write_review"; what needs no credential
   begins with PUBLIC_ and "public_";
2. write in its decorator, right behind the path: dependencies=[requires(Action.WRITE_REVIEW)],
   with `from api.access.permissions import Action, requires`."""


def declared() -> dict[str, Action | None]:
    app = FastAPI(openapi_url=None)
    for router in ROUTERS:
        app.include_router(router)
    return declarations(app)


def test_every_route_declares_what_it_lets_people_do() -> None:
    found = declared()
    assert len(found) > len(ROUTERS), "the routes are found"
    require_none((route for route, action in found.items() if action is None), ADVICE)


def test_only_what_is_public_needs_no_credential() -> None:
    app = FastAPI(openapi_url=None)
    for router in ROUTERS:
        app.include_router(router)
    described = {
        f"{method.upper()} {path}": operation.get("security") == []
        for path, methods in app.openapi().get("paths", {}).items()
        for method, operation in methods.items()
    }
    require_none(
        (
            route
            for route, action in declarations(app).items()
            if action is not None and described.get(route, True) is not action.is_public
        ),
        "A public action is described with `security: []` in `openapi_extra`, and no other is.",
    )
