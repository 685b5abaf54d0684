"""The API in this process, on a real PostgreSQL and a real Temporal server with real workers."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from api.composition import create_app
from domain.disputing.policy import AGENT_ALONE
from domain.identity.limits import RateLimits
from domain.policies import standard_policies
from infra.chargebacks.starting import ChargebackStarts
from infra.database.engine import create_engine
from infra.database.roles import application_url
from infra.database.tokens import create_token
from infra.payments.sandbox_network import SandboxCardNetwork
from infra.polling import polling as run_workers
from infra.settings import Settings, load_settings
from tests.api.client import Person, RefuseUndocumented
from tests.api.story import Story
from tests.conftest import MakePerson
from tests.keys import encrypting
from tests.sandbox import unsandboxed
from tests.temporal_server import start_temporal
from worker import workers

HANDOVER_KEY = b"h" * 32


@pytest.fixture(scope="session")
async def temporal(engine: AsyncEngine) -> AsyncIterator[WorkflowEnvironment]:
    """A Temporal server of this session's own; what it is told is encrypted."""
    async with await start_temporal() as environment:
        yield encrypting(environment, engine)


@pytest.fixture(scope="session")
def settings(database_url: str, temporal: WorkflowEnvironment) -> Settings:
    """Settings of the API under test and of its workers."""
    return load_settings(
        database_url=application_url(database_url),
        temporal_address=temporal.client.service_client.config.target_host,
        handover_key=SecretStr(b64encode(HANDOVER_KEY).decode()),
        public_url="https://sendalong.test",
        # One address asks for everybody here.
        rate_limits=RateLimits().times(1_000),
        # Who decides a dispute here settles it, but for the tests of the ladder itself.
        policies=replace(standard_policies(), disputes=AGENT_ALONE),
    )


@pytest.fixture(scope="session")
async def polling(temporal: WorkflowEnvironment, settings: Settings) -> AsyncIterator[None]:
    """Workers that poll every queue."""
    engine = create_engine(settings.database_url, application_name="sendalong-worker")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        with unsandboxed():
            made = workers(temporal.client, engine, settings)
        await stack.enter_async_context(run_workers(*made))
        yield


@pytest.fixture(scope="session")
async def app(settings: Settings, polling: None) -> AsyncIterator[FastAPI]:
    """The API, started."""
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="session")
async def http(app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose every answer must be one that the API's own description allows."""
    transport = RefuseUndocumented(httpx.ASGITransport(app), app)
    async with httpx.AsyncClient(transport=transport, base_url="https://sendalong.test") as client:
        yield client


@pytest.fixture(scope="session")
async def story(http: httpx.AsyncClient, engine: AsyncEngine, make_person: MakePerson) -> Story:
    """Return a way to bring deliveries to the stage that a test is about."""

    async def person(*roles: str, payout_account: str | None = None) -> Person:
        person_id = await make_person(*roles, payout_account=payout_account)
        return Person(http, person_id, await create_token(engine, person_id))

    return Story(person)


@pytest.fixture
def starts(engine: AsyncEngine, temporal: WorkflowEnvironment) -> ChargebackStarts:
    """What begins a chargeback at the news of it."""
    return ChargebackStarts(engine, temporal.client)


@pytest.fixture
def network(engine: AsyncEngine) -> SandboxCardNetwork:
    """The customers' banks."""
    return SandboxCardNetwork(engine)
