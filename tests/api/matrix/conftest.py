"""The API on a database of its own, with one delivery that is under way and one that is over."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace

import httpx
import pytest

from api.commands import Commands
from api.composition import create_app
from infra.database.engine import create_engine
from infra.database.migrate import migrate
from infra.identifiers import new_id
from infra.settings import Settings
from tests.api.client import RefuseUndocumented
from tests.api.matrix.walk import Matrix
from tests.api.matrix.world import build
from tests.conftest import make_database_url

WAIT_S_MAX = 0.2
"""No workflow stands behind these deliveries: what is let in need not wait for one."""


@pytest.fixture(scope="package")
async def matrix(database_server: str, settings: Settings) -> AsyncIterator[Matrix]:
    """Everything that the walk goes through; every answer has to be one that is described."""
    url = make_database_url(database_server, f"matrix_{new_id().replace('-', '')}")
    migrate(url)
    app = create_app(settings.model_copy(update={"database_url": url}))
    engine = create_engine(url, application_name="sendalong-tests")
    async with app.router.lifespan_context(app):
        services = app.state.services
        app.state.services = replace(
            services, commands=Commands(services.temporal, wait_s_max=WAIT_S_MAX)
        )
        transport = RefuseUndocumented(httpx.ASGITransport(app), app)
        async with httpx.AsyncClient(
            transport=transport, base_url="https://sendalong.test"
        ) as http:
            opened = await build(engine, http, closed=False)
            closed = await build(engine, http, closed=True)
            yield Matrix(app, engine, http, opened, closed)
    await engine.dispose()
