"""While a part is down the answer is 503, nothing is half done, and the same request works later."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from api.composition import create_app
from infra.database.tokens import create_token
from infra.polling import polling
from infra.settings import Settings, load_settings
from tests.api.client import Person, RefuseUndocumented, code_of
from tests.api.conftest import HANDOVER_KEY
from tests.api.story import NEW_DELIVERY, done
from tests.conftest import MakePerson
from tests.keys import encrypting
from tests.temporal_server import start_temporal
from worker import workers

NOBODY_HOME = "127.0.0.1:1"
IMPATIENCE_S = 1.5


def settings_with(database_url: str, temporal_address: str) -> Settings:
    return load_settings(
        database_url=database_url,
        temporal_address=temporal_address,
        handover_key=SecretStr(b64encode(HANDOVER_KEY).decode()),
    )


@asynccontextmanager
async def running(settings: Settings) -> AsyncIterator[tuple[FastAPI, httpx.AsyncClient]]:
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        app.state.services.commands._wait_s_max = IMPATIENCE_S
        transport = RefuseUndocumented(httpx.ASGITransport(app), app)
        async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
            yield app, http


@pytest.fixture
async def customer_token(engine: AsyncEngine, make_person: MakePerson) -> str:
    return await create_token(engine, await make_person("customer"))


def require_unavailable(answer: httpx.Response) -> None:
    assert (answer.status_code, code_of(answer)) == (503, "unavailable"), answer.text
    assert int(answer.headers["retry-after"]) > 0


async def test_without_a_database_every_route_says_try_later(tmp_path: Any) -> None:
    settings = settings_with(f"postgresql://postgres@/none?host={tmp_path}", NOBODY_HOME)
    async with running(settings) as (_, http):
        person = Person(http, "", "sa_" + "x" * 43)
        require_unavailable(await person.get("/v1/deliveries"))
        require_unavailable(await person.get("/v1/disputes"))
        require_unavailable(await person.post("/v1/deliveries", NEW_DELIVERY))
        require_unavailable(await http.get(f"/v1/links/H{'A' * 52}"))
        assert (await http.get("/healthz")).json() == {"status": "alive", "parts": {}}
        ready = await http.get("/readyz")
        assert (ready.status_code, ready.json()["parts"]) == (
            503,
            {"database": "does not answer", "temporal": "does not answer"},
        )


async def test_without_temporal_a_change_says_try_later_and_changes_nothing(
    settings: Settings, customer_token: str, http: httpx.AsyncClient, database_url: str
) -> None:
    healthy = Person(http, "", customer_token)
    async with running(settings_with(database_url, NOBODY_HOME)) as (_, cut_off):
        person = Person(cut_off, "", customer_token)
        require_unavailable(await person.post("/v1/deliveries", NEW_DELIVERY, key="open"))
        assert done(await person.get("/v1/deliveries"))["items"] == []
        ready = (await cut_off.get("/readyz")).json()
        assert ready["parts"] == {"database": "ready", "temporal": "does not answer"}
    opened = done(await healthy.post("/v1/deliveries", NEW_DELIVERY, key="open"))
    listed = done(await healthy.get("/v1/deliveries"))["items"]
    assert [item["delivery_id"] for item in listed] == [opened["delivery_id"]]


async def test_without_workers_a_change_waits_its_time_and_is_done_once_later(
    database_url: str, customer_token: str, engine: AsyncEngine
) -> None:
    async with AsyncExitStack() as stack:
        deserted = encrypting(await stack.enter_async_context(await start_temporal()), engine)
        settings = settings_with(database_url, deserted.client.service_client.config.target_host)
        app, http = await stack.enter_async_context(running(settings))
        person = Person(http, "", customer_token)
        require_unavailable(await person.post("/v1/deliveries", NEW_DELIVERY, key="open"))
        assert done(await person.get("/v1/deliveries"))["items"] == []
        await stack.enter_async_context(polling(*workers(deserted.client, engine, settings)))
        app.state.services.commands._wait_s_max = 20
        opened = done(await person.post("/v1/deliveries", NEW_DELIVERY, key="open"))
        path = f"/v1/deliveries/{opened['delivery_id']}"
        timeline = done(await person.get(f"{path}/timeline"))["items"]
        assert [event["kind"] for event in timeline] == ["request_opened"]


async def test_everything_is_ready(http: httpx.AsyncClient) -> None:
    answer = await http.get("/readyz")
    assert (answer.status_code, answer.json()) == (
        200,
        {"status": "ready", "parts": {"database": "ready", "temporal": "ready"}},
    )


async def test_a_fault_of_ours_is_a_number_in_the_log_and_says_nothing_else(
    settings: Settings, customer_token: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with running(settings) as (app, http):
        sound = app.state.services
        app.state.services = "secret-services"
        with caplog.at_level(logging.ERROR):
            answer = await Person(http, "", customer_token).get("/v1/deliveries")
        app.state.services = sound
    assert (answer.status_code, code_of(answer)) == (500, "internal_error")
    assert "secret" not in answer.text
    assert "Error" not in answer.text
    assert answer.json()["trace_id"] == answer.headers["trace-id"]
    assert answer.json()["trace_id"] in caplog.text
    assert answer.headers["x-content-type-options"] == "nosniff"
