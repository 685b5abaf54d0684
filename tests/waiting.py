"""Waiting in tests: look again until it is so, and fail when it never becomes so."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_S = 180
"""Longest wait for something that must happen by itself."""
PAUSE_S = 0.02


async def until(is_so: Callable[[], Awaitable[bool]], patience_s: float = PATIENCE_S) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it did not come to hold in time.
    """
    async with asyncio.timeout(patience_s):
        while not await is_so():
            await asyncio.sleep(PAUSE_S)
