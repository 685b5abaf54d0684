"""An empty inbox, deliveries to report about, and the API that takes reports in."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import provider_object, webhook_cursor, webhook_event
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import Story
from tests.infra.webhooks.post_room import PostRoom

MakeStory = Callable[[], Awaitable[Story]]


@pytest.fixture
async def post_room(engine: AsyncEngine) -> AsyncIterator[PostRoom]:
    """An inbox with nothing in it."""
    await empty(engine)
    yield PostRoom(engine)
    await empty(engine)


@pytest.fixture
def make_story(engine: AsyncEngine) -> MakeStory:
    """Return a way to begin deliveries that are not opened yet."""
    return lambda: begin_story(engine)


@pytest.fixture
async def held(engine: AsyncEngine) -> Story:
    """A delivery whose payment is held."""
    story = await begin_story(engine)
    await story.held()
    return story


@pytest.fixture
def now() -> int:
    """Seconds since the epoch, as signatures count."""
    return int(time.time())


async def empty(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        for table in (webhook_event, provider_object, webhook_cursor):
            await connection.execute(delete(table))
