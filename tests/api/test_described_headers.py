"""Every header that the API reads is described where it is read."""

from __future__ import annotations

import ast
import importlib
import inspect
from collections.abc import Iterator

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from api.access.permissions import declarations
from domain.identity.approvals import APPROVED_BY_ALL, APPROVED_BY_HOLDERS
from tests.house.source import Source, require_none, sources

ASKS = ("require_change_of_factors(", "require_step_up(")
"""What a route calls that asks for an approval although its action alone does not say so."""
ADVICE = """Describe each of these headers: as a parameter of the routes that read it
(api/edge/documented_headers.py), or in _ABOUT of api/documentation.py when every route reads it."""


def described(app: FastAPI) -> dict[str, set[str]]:
    """Return the headers that each route is described with, in small letters."""
    return {
        f"{method.upper()} {path}": {
            parameter["name"].lower()
            for parameter in operation.get("parameters", ())
            if parameter["in"] == "header"
        }
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    }


def test_whatever_has_to_be_approved_names_the_header_for_it(app: FastAPI) -> None:
    actions, found = declarations(app), described(app)
    asking = {
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in route.methods or ()
        if route.endpoint is not None
        and any(call in inspect.getsource(route.endpoint) for call in ASKS)
    }
    approved = APPROVED_BY_ALL | APPROVED_BY_HOLDERS
    asking |= {route for route, action in actions.items() if action in approved}
    assert len(asking) > len(approved)
    assert {route for route, headers in found.items() if "step-up" in headers} == asking


def read_names() -> Iterator[str]:
    """Return every header that the code of the API asks a request for."""
    for source in sources():
        if source.path.startswith("api/"):
            for node in ast.walk(source.tree):
                if isinstance(node, ast.Call) and _is_of_headers(node.func):
                    yield _text_of(node.args[0], source)


def _is_of_headers(function: ast.expr) -> bool:
    return (
        isinstance(function, ast.Attribute)
        and function.attr == "get"
        and ast.unparse(function.value).endswith(("request.headers", "self.headers"))
    )


def _text_of(name: ast.expr, source: Source) -> str:
    if isinstance(name, ast.Constant):
        return str(name.value)
    module = source.path.removesuffix(".py").replace("/", ".")
    return str(getattr(importlib.import_module(module), ast.unparse(name)))


def test_every_header_that_is_read_is_described(app: FastAPI) -> None:
    document = app.openapi()
    about = document["info"]["description"].lower()
    named = set().union(*described(app).values())
    read = {name.lower() for name in read_names()}
    assert {"authorization", "idempotency-key", "if-match", "step-up"} <= read
    require_none(
        (name for name in sorted(read) if name not in named and f"`{name}" not in about), ADVICE
    )
