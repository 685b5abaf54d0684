"""Everybody asks for everything: a route is walked because it is there.

What each is answered is worked out from the policy; a new route needs a row of it, and a name in
`World.ids` for each new kind of id in its address.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.permissions import declarations
from api.commands import Commands
from api.composition import ROUTERS, create_app
from api.documentation import example_of
from domain.correcting.rules import ORDERED_BY, CorrectionKind
from domain.identity.actions import Action
from domain.identity.permissions import KNOWN, RULES, Decision, Nature, decide, may_ask
from domain.identity.roles import Relation, complete
from domain.identity.scopes import grantable
from infra.database.engine import create_engine
from infra.database.migrate import migrate
from infra.identifiers import new_id
from infra.settings import Settings
from tests.api.client import Person
from tests.api.matrix.world import CAST, World, build, person
from tests.api.story import done
from tests.conftest import make_database_url

WAIT_S_MAX = 0.2
"""No workflow stands behind these deliveries: what is let in need not wait for one."""
STARTS_SOMETHING = {Action.START_ROBOTS, Action.ORDER_BULK_HOLD}
"""Actions that would touch what other tests play; who is let in is told by their own tests."""
CASES: dict[Action, Action] = {Action.SHOW_CODE: Action.SHOW_PICKUP_CODE}
"""Actions whose addresses or bodies say more precisely what is asked for."""
MEETS_NOTHING = {
    Action.SHOW_EVIDENCE_FILE,
    Action.ANSWER_RELAY,
    Action.REPORT_REVIEW,
    Action.HIDE_REVIEW,
}
"""Actions on what these deliveries do not have: whoever is let in finds nothing either."""
OF_THEIR_AUTHORS = {Action.SEND_EVIDENCE_FILE}
"""Actions that the policy allows to several, and the thing itself to whoever made it."""
CLOSED_CAST = ("customer", "agent", "stranger")
OBJECTLESS_CAST = ("stranger", "agent", "operator", "admin")
PARAMETER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Operation:
    """One route with what it takes."""

    method: str
    path: str
    action: Action
    body: Any

    def at(self, ids: dict[str, str]) -> str:
        return PARAMETER.sub(lambda match: ids.get(match[1], "example"), self.path)

    @property
    def parameters(self) -> list[str]:
        return [name for name in PARAMETER.findall(self.path) if name.endswith("_id")]


def _declared() -> dict[str, Action]:
    app = FastAPI(openapi_url=None)
    for router in ROUTERS:
        app.include_router(router)
    return {route: action for route, action in declarations(app).items() if action is not None}


DECLARED = _declared()
PRIVATE = sorted(route for route, action in DECLARED.items() if not action.is_public)
ON_OBJECTS = [route for route in PRIVATE if RULES[DECLARED[route]].by]
OBJECTLESS = [route for route in PRIVATE if not RULES[DECLARED[route]].by]
NESTED = [route for route in ON_OBJECTS if len(PARAMETER.findall(route)) > 1]


@dataclass
class Matrix:
    """Two deliveries that have nothing to do with each other, and the API."""

    app: FastAPI
    engine: AsyncEngine
    http: httpx.AsyncClient
    open: World
    closed: World

    def operation(self, route: str) -> Operation:
        method, path = route.split(" ", 1)
        document = self.app.openapi()
        taken = document["paths"][path][method.lower()].get("requestBody", {}).get("content", {})
        body = example_of(taken.get("application/json", {}).get("schema", {}), document)
        return Operation(method, path, DECLARED[route], body)


@pytest.fixture(scope="module")
async def matrix(database_server: str, settings: Settings) -> AsyncIterator[Matrix]:
    url = make_database_url(database_server, f"matrix_{new_id().replace('-', '')}")
    migrate(url)
    app = create_app(settings.model_copy(update={"database_url": url}))
    engine = create_engine(url, application_name="sendalong-tests")
    async with app.router.lifespan_context(app):
        services = app.state.services
        app.state.services = replace(
            services, commands=Commands(services.temporal, wait_s_max=WAIT_S_MAX)
        )
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(
            transport=transport, base_url="https://sendalong.test"
        ) as http:
            opened = await build(engine, http, closed=False)
            closed = await build(engine, http, closed=True)
            yield Matrix(app, engine, http, opened, closed)
    await engine.dispose()


async def ask(operation: Operation, who: Person | None, world: World, **ids: str) -> httpx.Response:
    """Send one request of somebody about a delivery; `ids` replace those of the world."""
    known = {"person_id": world.people["customer"].person_id, "purpose": "pickup", **world.ids}
    unknown = {name: new_id() for name in operation.parameters if name not in known}
    headers = {"Idempotency-Key": str(uuid4()), "Accept": "application/json"}
    if who is not None:
        headers |= who.headers
    content = None
    if operation.body is not None:
        content, headers["Content-Type"] = json.dumps(operation.body), "application/json"
    elif operation.path.endswith("/file") and operation.method == "PUT":
        content, headers["Content-Type"] = "no picture", "image/png"
    http = world.people["customer"].http
    address = operation.at({**known, **unknown, **ids})
    return await http.request(operation.method, address, content=content, headers=headers)


def verdict(operation: Operation, relations: frozenset[Relation], roles: set[str]) -> Decision:
    """Return what the policy says of the very case that the request is about."""
    among: frozenset[Relation] = KNOWN
    if operation.action is Action.ORDER_CORRECTION:
        kind = CorrectionKind(operation.body["kind"])
        among = frozenset(Relation(role) for role in ORDERED_BY[kind])
    return decide(CASES.get(operation.action, operation.action), relations, roles, among)


def answer_of(answer: httpx.Response) -> tuple[int, str | None]:
    """Return the status of an answer, and the code of a refusal."""
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return answer.status_code, answer.json()["code"] if is_problem else None


def told(answer: httpx.Response) -> dict[str, Any]:
    """Return everything that an answer tells but the trace of its own request."""
    return {name: value for name, value in answer.json().items() if name != "trace_id"}


@pytest.mark.parametrize("route", PRIVATE)
async def test_nobody_does_anything_without_a_credential(matrix: Matrix, route: str) -> None:
    answer = await ask(matrix.operation(route), None, matrix.open)
    assert answer_of(answer) == (401, "unauthenticated")


@pytest.mark.parametrize("route", ON_OBJECTS)
async def test_everybody_is_answered_as_the_policy_says(matrix: Matrix, route: str) -> None:
    operation = matrix.operation(route)
    known = {"purpose", "person_id", *matrix.open.ids}
    missing = set(operation.parameters) - known
    assert not missing or operation.action in MEETS_NOTHING, (
        f"Write one of {missing} in tests/api/matrix/world.py, or add the action to MEETS_NOTHING."
    )
    walks = [(matrix.open, name) for name in CAST]
    walks += [(matrix.closed, name) for name in CLOSED_CAST]
    for world, name in walks:
        roles, relations = CAST[name]
        decision = verdict(operation, relations, set(complete(roles)))
        answer = await ask(operation, world.people[name], world)
        status, code = answer_of(answer)
        where = f"{name} of the {'closed' if world is matrix.closed else 'open'} one: {answer.text}"
        if decision is Decision.ALLOWED:
            is_others = operation.action in OF_THEIR_AUTHORS and name != "customer"
            assert status not in (401, 403) or is_others, where
            assert code != "not_found" or operation.action in MEETS_NOTHING, where
        elif decision is Decision.HIDDEN:
            assert (status, code) == (404, "not_found"), where
        elif operation.action not in MEETS_NOTHING or code != "not_found":
            assert (status, code) == (403, "not_your_role"), where


@pytest.mark.parametrize("route", ON_OBJECTS)
async def test_a_strangers_object_is_like_one_that_is_not_there(matrix: Matrix, route: str) -> None:
    operation = matrix.operation(route)
    stranger = matrix.open.people["stranger"]
    foreign = await ask(operation, stranger, matrix.open)
    random = {name: new_id() for name in operation.parameters}
    missing = await ask(operation, stranger, matrix.open, **random)
    assert (foreign.status_code, told(foreign)) == (404, told(missing))
    assert set(foreign.headers) == set(missing.headers)


@pytest.mark.parametrize("route", NESTED)
async def test_a_foreign_part_of_ones_own_object_is_like_one_that_is_not_there(
    matrix: Matrix, route: str
) -> None:
    operation = matrix.operation(route)
    inner = operation.parameters[-1]
    if len(operation.parameters) < 2 or inner not in matrix.closed.ids:
        return
    for name in ("customer", "traveler", "agent"):
        who = matrix.open.people[name]
        foreign = await ask(operation, who, matrix.open, **{inner: matrix.closed.ids[inner]})
        missing = await ask(operation, who, matrix.open, **{inner: new_id()})
        assert (foreign.status_code, told(foreign)) == (missing.status_code, told(missing)), name


@pytest.mark.parametrize("route", OBJECTLESS)
async def test_what_is_about_nothing_but_a_role_is_for_that_role(
    matrix: Matrix, route: str
) -> None:
    operation = matrix.operation(route)
    for name in OBJECTLESS_CAST:
        roles = CAST[name][0]
        allowed = may_ask(operation.action, complete(roles))
        if allowed and operation.action in STARTS_SOMETHING:
            continue
        # What people do to their own account must not end the walk of the others.
        who = await person(matrix.engine, matrix.http, *roles)
        status, code = answer_of(await ask(operation, who, matrix.open))
        if not allowed:
            assert (status, code) in {(403, "not_your_role"), (404, "not_found")}, name
        elif "{" in operation.path:
            assert status not in (401, 403) or code == "not_your_role", (name, status, code)
        else:
            assert status not in (401, 404) or code != "not_found", (name, status, code)


async def test_no_key_of_a_program_proves_who_somebody_is(matrix: Matrix) -> None:
    owner = matrix.open.people["stranger"]
    wanted = {"name": "All", "scopes": list(grantable())}
    key = done(await owner.post("/v1/me/api-keys", wanted))["key"]
    program = replace(owner, token=key)
    personal = [route for route in PRIVATE if RULES[DECLARED[route]].nature is Nature.PERSONAL]
    assert personal
    for route in personal:
        answer = await ask(matrix.operation(route), program, matrix.open)
        assert answer_of(answer) == (403, "scope_missing"), route
