"""Waiting for new work without asking for it all the time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from psycopg import AsyncConnection
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

Hear = Callable[[float], Awaitable[bool]]
"""Waits up to so many seconds and returns whether the channel was notified meanwhile."""


@asynccontextmanager
async def listening(engine: AsyncEngine, channel: str) -> AsyncIterator[Hear]:
    """Hear what a channel is notified of from now on; occupies one connection."""
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"LISTEN {channel}"))
        session = (await connection.get_raw_connection()).driver_connection
        assert isinstance(session, AsyncConnection)

        async def hear(wait_s: float) -> bool:
            is_heard = False
            async for _ in session.notifies(timeout=wait_s, stop_after=1):
                is_heard = True
            return is_heard

        try:
            yield hear
        except BaseException:
            # It may be in the middle of anything, and it must not go on listening in the pool.
            await connection.invalidate()
            raise
        await connection.execute(text(f"UNLISTEN {channel}"))
