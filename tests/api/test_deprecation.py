"""A route that goes away says so in every answer, a year before."""

from __future__ import annotations

from datetime import UTC, datetime

import httpx
import pytest
from fastapi import FastAPI

from api.edge.deprecation import deprecated
from api.edge.metrics import Metrics
from api.edge.middleware import Edge
from api.edge.origins import Origins

SINCE = datetime(2027, 1, 1, tzinfo=UTC)


async def test_a_route_that_goes_away_says_so() -> None:
    app = FastAPI()
    until = datetime(2028, 1, 1, tzinfo=UTC)

    @app.get("/old", dependencies=[deprecated(SINCE, until, "/new")])
    async def get_old() -> dict[str, str]:
        return {}

    edge = Edge(app, over_tls=True, origins=Origins(frozenset()), metrics=Metrics())
    transport = httpx.ASGITransport(edge)
    async with httpx.AsyncClient(transport=transport, base_url="https://sendalong.test") as http:
        answer = await http.get("/old")
    assert answer.headers["deprecation"] == "@1798761600"
    assert answer.headers["sunset"] == "Sat, 01 Jan 2028 00:00:00 GMT"
    assert answer.headers["link"] == '</new>; rel="successor-version"'


def test_nothing_goes_away_within_a_year() -> None:
    with pytest.raises(ValueError, match="365 days"):
        deprecated(SINCE, datetime(2027, 6, 1, tzinfo=UTC), "/new")
