"""Older rows are brought up to date in batches, while everything else runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

Batch = Callable[[AsyncConnection, Any], Awaitable[int]]
"""Brings some rows up to date with what it is given, and returns how many there were."""


async def in_batches(engine: AsyncEngine, batch: Batch, given: object) -> int:
    """Take batches, each in a transaction of its own, until one finds nothing; return their rows."""
    done = 0
    while True:
        async with engine.begin() as connection:
            count = await batch(connection, given)
        done += count
        if not count:
            return done
