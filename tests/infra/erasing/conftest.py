"""What erases people: it works with the rights of a worker."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.engine import create_engine
from infra.database.roles import application_url
from infra.erasing.erasures import DatabaseErasures
from tests.infra.erasing.planting import nothing_runs
from tests.keys import ENCRYPTION


@pytest.fixture(scope="package")
async def application(database_url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(application_url(database_url))
    yield engine
    await engine.dispose()


@pytest.fixture(scope="package")
def erasures(application: AsyncEngine) -> DatabaseErasures:
    return DatabaseErasures(application, ENCRYPTION, nothing_runs)
