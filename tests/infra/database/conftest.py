"""Deliveries to tell."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import Actor, Role
from infra.database.engine import create_engine
from infra.database.migrate import migrate
from infra.identifiers import new_id
from tests.conftest import make_database_url, parcels_in, people_in
from tests.infra.database.intruder import Intruder
from tests.infra.database.story import Story

MakeStory = Callable[[], Awaitable[Story]]


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
    """An engine with enough connections for a crowd to meet at one row."""
    engine = create_engine(database_url, connections=20, connections_more=0)
    yield engine
    await engine.dispose()
