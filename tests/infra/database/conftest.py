"""Deliveries to tell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from domain.contracts import Actor, Role
from infra.database.engine import connection_settings, create_engine, database_address
from infra.database.migrate import migrate
from infra.identifiers import new_id
from tests.conftest import make_database_url, parcels_in, people_in
from tests.infra.database.intruder import Intruder
from tests.infra.database.story import Story
from tests.waiting import PATIENCE_S

MakeStory = Callable[[], Awaitable[Story]]
SEATS = 20
"""Connections of a crowd: so many wait for one row at once."""


@pytest.fixture
def make_story(engine: AsyncEngine) -> MakeStory:
    """Return a way to begin deliveries that are not opened yet."""
    return lambda: begin_story(engine)


@pytest.fixture
async def story(engine: AsyncEngine) -> Story:
    """A delivery that is not opened yet."""
    return await begin_story(engine)


@pytest.fixture(scope="session")
async def scene(database_server: str) -> AsyncIterator[AsyncEngine]:
    """A database of its own for crimes: nobody else's check shall find them."""
    url = make_database_url(database_server, f"scene_{new_id()[-12:]}")
    migrate(url)
    engine = create_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture
async def victim(scene: AsyncEngine) -> Story:
    """A delivery at the scene that is not opened yet."""
    return await begin_story(scene)


@pytest.fixture
async def completed(scene: AsyncEngine) -> Story:
    """A delivery at the scene that went well to its end."""
    story = await begin_story(scene)
    await story.held()
    await story.deliver()
    await story.release()
    return story


@pytest.fixture
def intruder(completed: Story) -> Intruder:
    """Somebody who changes what is written about a completed delivery."""
    return Intruder(completed)


async def begin_story(engine: AsyncEngine, **columns: Any) -> Story:
    """Create the people and the parcel of one delivery; any column of the parcel may be named."""
    make_person = people_in(engine)
    customer_id = await make_person("customer", email="customer@example.org")
    traveler_id = await make_person("traveler", phone="+34600000002")
    delivery_id = await parcels_in(engine)(customer_id=customer_id, **columns)
    customer = Actor(Role.CUSTOMER, customer_id)
    return Story(engine, delivery_id, customer, Actor(Role.TRAVELER, traveler_id))


@pytest.fixture
async def crowd(database_url: str) -> AsyncIterator[AsyncEngine]:
    """An engine with seats for a crowd that meets at one row; whoever finds none waits for one.

    On a slow machine the last in line wait for longer than any request of the platform may.
    """
    engine = create_async_engine(
        database_address(database_url),
        connect_args={
            **connection_settings("sendalong-crowd", statement_ms_max=PATIENCE_S * 1_000),
            "connect_timeout": PATIENCE_S,
        },
        pool_size=SEATS,
        max_overflow=0,
        pool_timeout=PATIENCE_S,
    )
    yield engine
    await engine.dispose()
