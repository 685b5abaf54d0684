"""The API with cheap passwords: the work of a hash is a figure, and here it is small."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest
from fastapi import FastAPI
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from api.composition import create_app
from domain.identity.limits import RateLimits
from domain.identity.policy import IdentityPolicy, PasswordPolicy
from infra.settings import load_settings
from tests.api.client import RefuseUndocumented
from tests.api.conftest import HANDOVER_KEY
from tests.api.identity.people import Newcomers

CHEAP = PasswordPolicy(memory_kib=64, passes=1)


@pytest.fixture(scope="package")
async def identity_app(database_url: str) -> AsyncIterator[FastAPI]:
    """The API, started, without Temporal: nothing here moves a parcel."""
    settings = load_settings(
        database_url=database_url,
        temporal_address="127.0.0.1:1",
        handover_key=SecretStr(b64encode(HANDOVER_KEY).decode()),
        public_url="https://sendalong.test",
        identity=replace(IdentityPolicy(), passwords=CHEAP),
        # Everybody here comes from one address.
        rate_limits=RateLimits().times(1_000),
    )
    app = create_app(settings)
    async with app.router.lifespan_context(app):
        yield app


@pytest.fixture(scope="package")
async def web(identity_app: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    """A client whose every answer must be one that the API's own description allows."""
    transport = RefuseUndocumented(httpx.ASGITransport(identity_app), identity_app)
    async with httpx.AsyncClient(transport=transport, base_url="https://sendalong.test") as client:
        yield client


@pytest.fixture(scope="package")
def newcomers(web: httpx.AsyncClient, engine: AsyncEngine) -> Newcomers:
    """People who have no account yet."""
    return Newcomers(web, engine)
