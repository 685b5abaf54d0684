"""A database of its own for each test about roots: they cover every chain there is."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.audit.roots import DatabaseRoots
from infra.audit.signing import RootSigner
from infra.database.engine import create_engine
from infra.database.migrate import migrate
from infra.identifiers import new_id
from tests.conftest import make_database_url
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import Story
from tests.keys import AUDIT_SEED


@pytest.fixture
def signer() -> RootSigner:
    return RootSigner(AUDIT_SEED)


@pytest.fixture(scope="module")
async def vault(database_server: str) -> AsyncIterator[AsyncEngine]:
    """A database in which only this file writes."""
    url = make_database_url(database_server, f"vault_{new_id()[-12:]}")
    migrate(url)
    engine = create_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture
def roots(vault: AsyncEngine, signer: RootSigner) -> DatabaseRoots:
    return DatabaseRoots(vault, signer)


@pytest.fixture
async def opened(vault: AsyncEngine) -> Story:
    """A delivery with its first event."""
    story = await begin_story(vault)
    await story.open()
    return story
