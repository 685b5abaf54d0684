"""The activity that sends messages; a failed message never fails or delays a money step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from dataclasses import dataclass, fields

from temporalio import activity

from activities.ports import Outbox, OutboxReport

HEARTBEAT_S = 3
"""Time between two signs of life, so that a lost worker is replaced soon."""


@dataclass(frozen=True, slots=True)
class NotifierShift:
    """Input of `deliver_notifications`."""

    length_s: int = 300
    """How long one activity sends messages: few events of history, and totals that are recent."""
    wait_s: int = 30
    """Longest wait for a message within one round."""


def add_reports(one: OutboxReport, other: OutboxReport) -> OutboxReport:
    """Return the sum of two reports, field by field."""
    names = (field.name for field in fields(OutboxReport))
    return OutboxReport(**{name: getattr(one, name) + getattr(other, name) for name in names})


class NotificationActivities:
    """Sends what transitions left in the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    @activity.defn
    async def deliver_notifications(self, shift: NotifierShift) -> OutboxReport:
        """Send messages for the length of a shift and return what became of them.

        It ends early, and in good order, when its worker shuts down or it is cancelled: waiting
        stops at once, and messages under way are given their answers.
        """
        loop = asyncio.get_running_loop()
        ends_at = loop.time() + shift.length_s
        stopping = asyncio.create_task(activity.wait_for_worker_shutdown())
        beating = asyncio.create_task(_beat())
        total = OutboxReport()
        try:
            while not stopping.done() and (left_s := ends_at - loop.time()) > 0:
                round_ = self._outbox.deliver(min(shift.wait_s, left_s))
                total = add_reports(total, await _unless_stopping(stopping, round_))
        finally:
            stopping.cancel()
            beating.cancel()
        return total


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(HEARTBEAT_S)


async def _unless_stopping(
    stopping: asyncio.Task[None], deliver: Awaitable[OutboxReport]
) -> OutboxReport:
    """Return the round's report, or an empty one when the worker shut down meanwhile."""
    round_ = asyncio.ensure_future(deliver)
    try:
        await asyncio.wait({round_, stopping}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        if not round_.done():
            round_.cancel()
            await asyncio.wait({round_})
    return OutboxReport() if round_.cancelled() else round_.result()
