"""Signs of life of an activity that takes long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

from activities.shifts import HEARTBEAT_S


@asynccontextmanager
async def alive() -> AsyncIterator[None]:
    """Give signs of life, so that a lost worker is replaced soon."""

    async def beat() -> None:
        while True:
            activity.heartbeat()
            await asyncio.sleep(HEARTBEAT_S)

    beating = asyncio.create_task(beat())
    try:
        yield
    finally:
        beating.cancel()
