"""Pages of the named origins may use the API from a browser, and nobody who looks like them."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import ValidationError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.edge.metrics import Metrics
from api.edge.middleware import Edge
from api.edge.origins import Origins
from infra.edge_settings import EdgeSettings
from tests.api.client import code_of

APP = "https://app.example"
ASKED = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "authorization"}
FOREIGN = (
    "https://evil.example",
    "null",
    "https://app.example.evil.example",
    "https://evilapp.example",
    "https://app.example.",
    "https://app.example:8443",
    "http://app.example",
    "https://APP.example",
    "https://app.example/",
    "https://app.example@evil.example",
    "https://app_example",
    "https://xn--pp-example-0xb",
    "*",
    "",
)


async def answer_ok(request: Request) -> Response:
    return Response("ok")


class Chosen(EdgeSettings):
    """Settings as the API has them, without those of other parts."""

    public_url: str = "https://sendalong.test"


@pytest.fixture(scope="module")
async def http() -> AsyncIterator[httpx.AsyncClient]:
    origins = Origins(
        Chosen.model_validate({"cors_origins": f"{APP}, https://admin.example"}).page_origins
    )
    app = Starlette(routes=[Route("/healthz", answer_ok)])
    transport = httpx.ASGITransport(Edge(app, over_tls=True, origins=origins, metrics=Metrics()))
    async with httpx.AsyncClient(transport=transport, base_url="https://sendalong.test") as client:
        yield client


async def test_a_page_of_a_named_origin_may_ask_and_read(http: httpx.AsyncClient) -> None:
    asked = await http.options("/v1/deliveries", headers={"Origin": APP, **ASKED})
    assert asked.status_code == 204
    assert asked.headers["access-control-allow-origin"] == APP
    assert "POST" in asked.headers["access-control-allow-methods"]
    assert "Idempotency-Key" in asked.headers["access-control-allow-headers"]
    assert "access-control-allow-credentials" not in asked.headers
    answer = await http.get("/healthz", headers={"Origin": APP})
    assert (answer.status_code, answer.headers["access-control-allow-origin"]) == (200, APP)
    assert answer.headers["vary"] == "Origin"
    assert "Trace-Id" in answer.headers["access-control-expose-headers"]


async def test_the_own_origin_may(http: httpx.AsyncClient) -> None:
    answer = await http.get("/healthz", headers={"Origin": "https://sendalong.test"})
    assert answer.status_code == 200


@pytest.mark.parametrize("origin", FOREIGN)
async def test_a_page_of_another_origin_is_refused(http: httpx.AsyncClient, origin: str) -> None:
    for answer in (
        await http.options("/v1/deliveries", headers={"Origin": origin, **ASKED}),
        await http.post("/v1/deliveries", headers={"Origin": origin}),
        await http.get("/healthz", headers={"Origin": origin}),
    ):
        assert (answer.status_code, code_of(answer)) == (403, "origin_refused")
        assert "access-control-allow-origin" not in answer.headers
        assert answer.headers["vary"] == "Origin"
        assert not origin or origin not in answer.text


async def test_who_is_no_page_is_not_asked_for_an_origin(http: httpx.AsyncClient) -> None:
    answer = await http.get("/healthz")
    assert answer.status_code == 200
    assert "access-control-allow-origin" not in answer.headers


@pytest.mark.parametrize(
    "origin", ["*", "app.example", "https://app.example/", "https://*.example"]
)
def test_only_whole_origins_can_be_named(origin: str) -> None:
    with pytest.raises(ValidationError, match="whole origins"):
        Chosen.model_validate({"cors_origins": origin})
