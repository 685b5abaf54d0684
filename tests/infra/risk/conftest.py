"""A deal for each test, which the database forgets afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.infra.risk.world import World


@pytest.fixture
async def world(engine: AsyncEngine) -> AsyncIterator[World]:
    """One deal between two people who have nothing else to do with each other."""
    async with engine.connect() as connection:
        transaction = await connection.begin()
        world = World(connection)
        await world.begin()
        yield world
        await transaction.rollback()
