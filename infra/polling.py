"""Lets workers poll for the length of a block, and bounds the time that they take to stop."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.worker import Worker

logger = logging.getLogger(__name__)

STOP_WITHIN = timedelta(seconds=30)
"""Longest time for workers to stop: the last step of the SDK's shutdown stays without an answer now
and then, although nothing is under way any more, and would keep a process from ending for ever."""


@asynccontextmanager
async def polling(*workers: Worker, stop_within: timedelta = STOP_WITHIN) -> AsyncIterator[None]:
    """Poll with all workers until the block ends; then stop them, all at once.

    Units: `stop_within` is longer than the grace that the workers give their activities.

    Raises:
        Exception: that of a worker which failed; it ends the block.
    """
    block = asyncio.current_task()
    runs = [asyncio.create_task(worker.run()) for worker in workers]

    def end_block(run: asyncio.Task[None]) -> None:
        if block is not None and not run.cancelled() and run.exception() is not None:
            block.cancel()

    for run in runs:
        run.add_done_callback(end_block)
    try:
        yield
    finally:
        failures = _failures(runs)
        for run in runs:
            run.remove_done_callback(end_block)
        each = zip(workers, runs, strict=True)
        await asyncio.gather(*(_stop(worker, run, stop_within) for worker, run in each))
        if failures:
            if block is not None:
                block.uncancel()
            raise failures[0]


def _failures(runs: list[asyncio.Task[None]]) -> list[BaseException]:
    ends = [run.exception() for run in runs if run.done() and not run.cancelled()]
    return [end for end in ends if end is not None]


async def _stop(worker: Worker, run: asyncio.Task[None], within: timedelta) -> None:
    if run.done():
        return
    try:
        async with asyncio.timeout(within.total_seconds()):
            await worker.shutdown()
    except TimeoutError:
        logger.warning("the worker of %s did not stop in %s", worker.task_queue, within)
        run.cancel()
