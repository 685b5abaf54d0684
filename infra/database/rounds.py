"""Rounds over a table of things to do: the next one begins when something falls due or is heard of."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.wakeup import listening

logger = logging.getLogger(__name__)

POLL_S = 5.0
"""A wake-up that was missed delays what is due by this much at most."""
LEAST_WAIT_S = 0.05
"""Pause between two looks at something that is due and that another worker is claiming."""

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Wakeup:
    """What tells that a round has something to do."""

    engine: AsyncEngine
    channel: str
    """Notified whenever there is something new."""
    seconds_until_due: Callable[[], Awaitable[float | None]]
    """Tells how long until the next thing is due; none when there is none."""

    async def wait(self, wait_s: float) -> None:
        """Wait until something may be due, for so many seconds at most."""
        async with listening(self.engine, self.channel) as hear:
            # Asked after the listening began: what is new from now on is heard.
            until_due_s = await self.seconds_until_due()
            waits = (wait_s, POLL_S, POLL_S if until_due_s is None else until_due_s)
            await hear(max(min(waits), LEAST_WAIT_S))


async def first_round(
    run_round: Callable[[], Awaitable[T]], wakeup: Wakeup, nothing: T, wait_s: float
) -> T:
    """Run rounds until one did something or the time is up; return what the last one did.

    A cancellation ends the waiting at once, and a round only when it has finished: what that one
    did is returned then, for it has been done.
    """
    loop = asyncio.get_running_loop()
    give_up_at = loop.time() + wait_s
    report = await _finished(run_round(), nothing)
    while report == nothing and loop.time() < give_up_at:
        await wakeup.wait(give_up_at - loop.time())
        report = await _finished(run_round(), nothing)
    return report


async def _finished(round_: Awaitable[T], nothing: T) -> T:
    """Await a round to its end, even when the waiting for it is cancelled."""
    task = asyncio.ensure_future(round_)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task})
        if task.cancelled():
            raise
        if (fault := task.exception()) is not None:
            logger.warning("a round that was cancelled failed: %s", type(fault).__name__)
            raise
        if task.result() == nothing:
            raise
        return task.result()
