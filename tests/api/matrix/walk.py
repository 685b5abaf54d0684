"""What walks through the routes: every declared one, who asks, and what they are answered."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import httpx
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.permissions import declarations
from api.composition import ROUTERS
from api.documentation import example_of
from domain.identity.actions import Action
from domain.identity.permissions import RULES
from infra.identifiers import new_id
from tests.api.client import Person
from tests.api.matrix.world import World

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
    answer = await http.request(operation.method, address, content=content, headers=headers)
    assert "set-cookie" not in answer.headers, "a browser must not act for a page that it was sent"
    return answer


def answer_of(answer: httpx.Response) -> tuple[int, str | None]:
    """Return the status of an answer, and the code of a refusal."""
    is_problem = answer.headers.get("content-type") == "application/problem+json"
    return answer.status_code, answer.json()["code"] if is_problem else None


def told(answer: httpx.Response) -> dict[str, Any]:
    """Return everything that an answer tells but the trace of its own request."""
    return {name: value for name, value in answer.json().items() if name != "trace_id"}
