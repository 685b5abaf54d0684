"""Who asks too often is told when to come back; nobody else notices."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI
from sqlalchemy.ext.asyncio import AsyncEngine

from api.composition import create_app
from api.edge.limits import Limiter
from api.edge.metrics import Metrics
from domain.identity.limits import Allowance, Bucket, RateLimits
from infra.database.tokens import create_token
from infra.rate_buckets import RateBuckets
from infra.settings import Settings
from tests.api.client import RefuseUndocumented, code_of
from tests.api.counting import counted
from tests.api.story import NEW_DELIVERY
from tests.conftest import MakePerson

FEW = Bucket(burst=20, per_s=0.01, lease=2)
MANY = Bucket(burst=1_000, per_s=100.0, lease=50)
LIMITS = RateLimits(read=Allowance(MANY, FEW), change=Allowance(MANY, MANY), public=Allowance(FEW))


@asynccontextmanager
async def replica(
    settings: Settings, address: str
) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    """Run the API once more, beside the others, and ask it from an address."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        transport = RefuseUndocumented(httpx.ASGITransport(app, client=(address, 1)), app)
        async with httpx.AsyncClient(transport=transport, base_url="https://x.test") as http:
            yield app, http


@pytest.fixture(scope="module")
def limited(settings: Settings) -> Settings:
    return settings.model_copy(update={"rate_limits": LIMITS})


async def signed_in(engine: AsyncEngine, make_person: MakePerson) -> dict[str, str]:
    person_id = await make_person("customer")
    return {"Authorization": f"Bearer {await create_token(engine, person_id)}"}


async def test_two_replicas_count_one_person_together(
    limited: Settings, engine: AsyncEngine, make_person: MakePerson
) -> None:
    person, other = [await signed_in(engine, make_person) for _ in range(2)]
    async with (
        replica(limited, "198.51.100.1") as (app, one),
        replica(limited, "198.51.100.2") as (_, two),
    ):
        answers = [
            await http.get("/v1/deliveries", headers=person)
            for _ in range(FEW.burst)
            for http in (one, two)
        ]
        refused = [answer for answer in answers if answer.status_code == 429]
        assert len(answers) - len(refused) == FEW.burst
        assert code_of(refused[0]) == "too_many_requests"
        assert 0 < int(refused[0].headers["retry-after"]) <= 100
        assert refused[0].headers["ratelimit-policy"] == '"read.person";q=20;w=2000'
        assert refused[0].headers["ratelimit"].startswith('"read.person";r=0;t=')
        assert (await one.get("/v1/deliveries", headers=other)).status_code == 200
        assert 'rate_limited_total{kind="read",by="person"}' in app.state.metrics.text()


async def test_one_address_is_counted_whoever_it_says_it_is(limited: Settings) -> None:
    async with replica(limited, "198.51.100.3") as (_, http):
        spoofed = [
            await http.get("/v1/links/HNOTHING", headers={"X-Forwarded-For": f"203.0.113.{n}"})
            for n in range(FEW.burst + 1)
        ]
        assert [answer.status_code for answer in spoofed] == [404] * FEW.burst + [429]


async def test_most_requests_are_counted_without_a_round_trip(
    limited: Settings, engine: AsyncEngine, make_person: MakePerson
) -> None:
    person = await signed_in(engine, make_person)
    async with replica(limited, "198.51.100.4") as (app, http):
        buckets = app.state.limiter._buckets
        with counted(buckets._engine) as sent:
            for _ in range(40):
                answer = await http.post("/v1/deliveries", json={}, headers=person)
                assert answer.status_code in (400, 422)
        assert len(sent) == 1


async def test_probes_are_never_counted(limited: Settings) -> None:
    async with replica(limited, "198.51.100.5") as (_, http):
        for _ in range(FEW.burst * 2):
            answer = await http.get("/healthz")
            assert answer.status_code == 200
            assert "ratelimit" not in answer.headers


async def test_money_waits_for_the_count_and_reading_does_not(
    limited: Settings, engine: AsyncEngine, make_person: MakePerson, polling: None
) -> None:
    person = await signed_in(engine, make_person)
    async with replica(limited, "198.51.100.6") as (app, http):
        away = RateBuckets.at("postgresql://nobody@127.0.0.1:1/nothing")
        app.state.limiter = Limiter(away, LIMITS, Metrics())
        assert (await http.get("/v1/deliveries", headers=person)).status_code == 200
        key = {**person, "Idempotency-Key": "x"}
        opened = await http.post("/v1/deliveries", json=NEW_DELIVERY, headers=key)
        assert opened.status_code == 201
        path = f"/v1/deliveries/{opened.json()['delivery_id']}/cancel"
        refused = await http.post(path, headers={**person, "Idempotency-Key": "y"})
        assert (refused.status_code, code_of(refused)) == (503, "unavailable")
        await away.close()
