"""The API describes itself completely: every route, body, answer and refusal with an example."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute
from pydantic import BaseModel

from api.documentation import example_of
from api.edge.problems import KINDS, EdgeCode
from api.models import (
    answers,
    attention,
    cancellation,
    chargebacks,
    corrections,
    disputes,
    holdings,
    leaving,
    payments,
    presences,
    records,
    requests,
    sandbox,
    statements,
)
from api.models.identity import (
    acting,
    api_keys,
    devices,
    factors,
    key_set,
    passkeys,
    profile,
    providers,
    roles,
    second_steps,
    sign_in,
)
from domain.errors import RefusalCode

SIGNED = {"/v1/webhooks/stripe"}
SIGNING_IN = "/v1/auth/"
"""Start of the addresses at which people prove who they are, and so have no token yet."""
MODELS = (
    acting,
    answers,
    api_keys,
    attention,
    cancellation,
    chargebacks,
    corrections,
    devices,
    disputes,
    factors,
    holdings,
    leaving,
    passkeys,
    payments,
    presences,
    records,
    requests,
    roles,
    sandbox,
    second_steps,
    sign_in,
    key_set,
    profile,
    providers,
    statements,
)
PUBLIC = {
    "/healthz",
    "/readyz",
    "/.well-known/jwks.json",
    "/.well-known/sendalong-proof-keys.json",
    "/problems/{code}",
    "/v1/links/{token}",
    "/v1/offline-key",
    "/v1/links/{token}/holding",
    "/scan",
    "/show",
} | SIGNED


def operations(app: FastAPI) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (method, path, operation)
        for path, methods in app.openapi()["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_operation_is_described(app: FastAPI) -> None:
    for method, path, operation in operations(app):
        assert operation["summary"], path
        assert operation["description"].endswith("."), path
        assert operation["tags"], path
        public = operation.get("security") == []
        signs_in = path.startswith(SIGNING_IN)
        assert public == (path in PUBLIC or signs_in), path
        assert ("401" in operation["responses"]) != public or signs_in, path
        if method == "post":
            names = {parameter["name"] for parameter in operation.get("parameters", ())}
            assert ("Idempotency-Key" in names) != (path in SIGNED or signs_in), path
            assert "requestBody" in operation, path


def test_every_success_and_body_has_an_example(app: FastAPI) -> None:
    document = app.openapi()
    for _, path, operation in operations(app):
        described = [
            response["content"]
            for status, response in operation["responses"].items()
            if status.startswith("2")
        ]
        if "requestBody" in operation:
            described.append(operation["requestBody"]["content"])
        for content in described:
            # Pages, pictures and documents need no example.
            plain = {"application/json", "image/jpeg", "application/pdf", "text/html"}
            assert content.keys() & plain, path
            if "application/json" in content:
                schema = content["application/json"]["schema"]
                assert example_of(schema, document) is not None, path


def test_every_refusal_has_an_example_for_each_code(app: FastAPI) -> None:
    described = set()
    for _, path, operation in operations(app):
        for status, response in operation["responses"].items():
            if status.startswith(("2", "3")) or path == "/readyz":
                continue
            content = response["content"]["application/problem+json"]
            assert content["schema"] == {"$ref": "#/components/schemas/Problem"}
            for code, example in content["examples"].items():
                assert example["value"]["status"] == int(status)
                described.add(code)
    internal = {
        "chargeback_open",
        "delivery_already_open",
        "dues_changed",
        "dues_first",
        "escrow_conflict",
        "head_too_large",
        "method_not_allowed",
    }
    assert described >= {str(code) for code in KINDS} - internal


def test_every_code_has_one_status_and_title() -> None:
    assert set(KINDS) == {*RefusalCode, *EdgeCode}
    assert all(400 <= kind.status < 600 and kind.title for kind in KINDS.values())


def models() -> list[type[BaseModel]]:
    return [
        model
        for module in MODELS
        for model in vars(module).values()
        if isinstance(model, type)
        and issubclass(model, BaseModel)
        and model.__module__ == module.__name__
        and (model.model_config.get("json_schema_extra") or {})
    ]


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_examples_are_possible(model: type[BaseModel]) -> None:
    extra = model.model_config["json_schema_extra"]
    assert isinstance(extra, dict)
    examples = extra["examples"]
    assert isinstance(examples, list)
    assert examples
    for example in examples:
        model.model_validate(example)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
def test_models_are_closed(model: type[BaseModel]) -> None:
    assert model.model_config["extra"] == "forbid"
    if model.__module__ == requests.__name__:
        assert model.model_config["strict"] is True


def test_every_route_is_asynchronous_and_described(app: FastAPI) -> None:
    described = set(app.openapi()["paths"])
    assert len(described) >= 43
    for route in app.routes:
        if isinstance(route, APIRoute):
            assert route.path in described


async def test_the_type_of_a_problem_explains_it(http: httpx.AsyncClient) -> None:
    for code, kind in KINDS.items():
        explained = (await http.get(f"/problems/{code}")).json()
        assert explained == {"code": code, "title": kind.title, "status": int(kind.status)}
    assert (await http.get("/problems/nothing")).status_code == 404
