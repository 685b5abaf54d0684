"""Documentation and figures are for those who run the platform, at an address of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI

from api.internal import internal_app, listening_inside
from infra.edge_settings import EdgeSettings, Listener


@pytest.fixture(scope="module")
async def inside(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(internal_app(app))
    async with httpx.AsyncClient(transport=transport, base_url="http://internal.test") as client:
        yield client


@pytest.mark.parametrize("path", ["/docs", "/openapi.json", "/metrics"])
async def test_people_find_none_of_it(http: httpx.AsyncClient, path: str) -> None:
    assert (await http.get(path)).status_code == 404


async def test_the_documentation_needs_nothing_from_elsewhere(inside: httpx.AsyncClient) -> None:
    page = await inside.get("/docs")
    assert page.status_code == 200
    assert "/v1/deliveries/{delivery_id}/offers" in page.text
    assert "<script" not in page.text
    assert "src=" not in page.text
    document = (await inside.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.")
    assert document["servers"] == [{"url": "https://sendalong.test"}]


async def test_answers_are_counted_by_route_and_status(
    http: httpx.AsyncClient, inside: httpx.AsyncClient
) -> None:
    for _ in range(3):
        await http.get("/problems/nothing-of-the-kind")
    await http.request("PURGE", "/v1/secret-address")
    told = await inside.get("/metrics")
    assert told.headers["content-type"].startswith("text/plain; version=0.0.4")
    figures = dict(line.rsplit(" ", 1) for line in told.text.splitlines() if line[0] != "#")
    route = 'method="GET",route="/problems/{code}"'
    name = "sendalong_http_requests_total"
    assert int(figures[f'{name}{{{route},status="404"}}']) >= 3
    assert int(figures[f'{name}{{method="none",route="none",status="404"}}']) >= 1
    duration = "sendalong_http_request_duration_seconds"
    total = figures[f"{duration}_count{{{route}}}"]
    assert figures[f'{duration}_bucket{{{route},le="+Inf"}}'] == total
    assert "secret-address" not in told.text


async def test_it_listens_where_the_settings_say(app: FastAPI) -> None:
    async with listening_inside(app, Listener("127.0.0.1", 0)) as port, httpx.AsyncClient() as http:
        assert (await http.get(f"http://127.0.0.1:{port}/metrics")).status_code == 200
    async with listening_inside(app, None) as nowhere:
        assert nowhere is None


def test_an_address_without_a_port_is_refused() -> None:
    chosen = EdgeSettings.model_validate({"internal_listener": "[::1]:8081"})
    assert chosen.internal_listener == Listener("::1", 8081)
    with pytest.raises(ValueError, match=r"127.0.0.1:8081"):
        EdgeSettings.model_validate({"internal_listener": "8081"})
