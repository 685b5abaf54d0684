"""Rounds that are cancelled: what was done is told, and what waits ends at once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.rounds import Wakeup, first_round

PATIENCE_S = 30


class Work:
    """Rounds whose end the test decides."""

    def __init__(self) -> None:
        self.began = asyncio.Event()
        self.may_end = asyncio.Event()
        self.done = 0

    async def round(self) -> int:
        """Wait until it may end, then say how much was done."""
        self.began.set()
        await self.may_end.wait()
        return self.done


@pytest.fixture
def work() -> Work:
    return Work()


@pytest.fixture
async def waiting(engine: AsyncEngine, work: Work) -> asyncio.Future[int]:
    async def never() -> None:
        return None

    wakeup = Wakeup(engine, "sendalong_nothing", never)
    return asyncio.ensure_future(first_round(work.round, wakeup, 0, wait_s=PATIENCE_S))


async def test_what_a_cancelled_round_has_done_is_told(
    work: Work, waiting: asyncio.Future[int]
) -> None:
    await work.began.wait()
    waiting.cancel()
    work.done = 3
    work.may_end.set()
    assert await asyncio.wait_for(waiting, PATIENCE_S) == 3


async def test_a_cancelled_round_with_nothing_to_tell_ends_the_waiting(
    work: Work, waiting: asyncio.Future[int]
) -> None:
    await work.began.wait()
    waiting.cancel()
    work.may_end.set()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(waiting, PATIENCE_S)
