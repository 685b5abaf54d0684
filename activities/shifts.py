"""Long activities that work in shifts: round after round, until the time or the worker ends."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import Field, fields, replace
from typing import Any, ClassVar, Protocol, TypeVar

from temporalio import activity

HEARTBEAT_S = 3
"""Time between two signs of life, so that a lost worker is replaced soon."""


class Report(Protocol):
    """A frozen dataclass whose every field is a count."""

    __dataclass_fields__: ClassVar[dict[str, Field[Any]]]


ReportT = TypeVar("ReportT", bound=Report)


def add_reports(one: ReportT, other: ReportT) -> ReportT:
    """Return the sum of two reports, field by field."""
    names = (field.name for field in fields(one))
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in names})


async def work_shift(
    deliver: Callable[[float], Awaitable[ReportT]],
    nothing: ReportT,
    *,
    length_s: float,
    wait_s: float,
) -> ReportT:
    """Run rounds for the length of a shift and return the sum of their reports.

    `deliver` is one round; it is told how long it may wait for something to do. The shift ends
    early, and in good order, when its worker shuts down or it is cancelled: waiting stops at once,
    and what a round has begun is finished.
    """
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + length_s
    stopping = asyncio.create_task(activity.wait_for_worker_shutdown())
    beating = asyncio.create_task(_beat())
    total = nothing
    try:
        while not stopping.done() and (left_s := ends_at - loop.time()) > 0:
            round_ = deliver(min(wait_s, left_s))
            total = add_reports(total, await _unless_stopping(stopping, round_, nothing))
    finally:
        stopping.cancel()
        beating.cancel()
    return total


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(HEARTBEAT_S)


async def _unless_stopping(
    stopping: asyncio.Task[None], deliver: Awaitable[ReportT], nothing: ReportT
) -> ReportT:
    """Return the round's report, or an empty one when the worker shut down meanwhile."""
    round_ = asyncio.ensure_future(deliver)
    try:
        await asyncio.wait({round_, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not round_.done():
            round_.cancel()
            await asyncio.wait({round_})
    return nothing if round_.cancelled() else round_.result()
