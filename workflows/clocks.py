"""The one clock of a saga: waited for, run out, or stopped while staff keep the saga on hold."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from domain.contracts import Standing
    from domain.deadlines import DeadlineKind
    from domain.details import clock_summary


class SagaClock:
    """Waits for what is armed in the standing."""

    standing: Standing

    def __init__(self) -> None:
        self.turn = asyncio.Lock()
        self.clocks_moved = 0

    @property
    def is_on_hold(self) -> bool:
        """Whether staff have frozen the saga: its clock then stands still."""
        return False

    async def until_resumed(self) -> None:
        """Wait until the saga is not on hold; does nothing when it is not."""

    def publish(self) -> None:
        """Write the search attributes that changed."""
        raise NotImplementedError

    async def wait_or_default(
        self, is_done: Callable[[], bool], default: Callable[[], Awaitable[None]]
    ) -> None:
        """Wait until something happened or the armed clock runs out; then do the default.

        The default runs in its turn, after looking again: a command that came first wins, and so
        does a hold or another deadline, for which the clock goes on.
        """
        while await self.wait_until_due(is_done):
            moved = self.clocks_moved
            async with self.turn:
                if self.is_on_hold or self.clocks_moved != moved:
                    continue
                if not is_done():
                    await default()
            return

    async def wait_until_due(
        self, is_done: Callable[[], bool], wake_at: datetime | None = None
    ) -> bool:
        """Wait until something happened, the armed clock runs out, or it is time to look again.

        Returns whether the armed clock ran out. Time on hold does not count.
        """
        while True:
            moved = self.clocks_moved
            is_due = await self._wait_once(is_done, wake_at)
            if not self.is_on_hold:
                if self.clocks_moved == moved or is_done():
                    return is_due
                continue
            frozen_at = workflow.now()
            await self.until_resumed()
            if is_done():
                return False
            wake_at = wake_at and wake_at + (workflow.now() - frozen_at)

    async def _wait_once(self, is_done: Callable[[], bool], wake_at: datetime | None) -> bool:
        if self.is_on_hold:
            return False
        self.publish()
        kind, due_at = self.standing.deadline_kind, self.standing.deadline_at
        moments = [moment for moment in (due_at, wake_at) if moment is not None]
        moved = self.clocks_moved
        left = max(min(moments) - workflow.now(), timedelta(0)) if moments else None
        try:
            await workflow.wait_condition(
                lambda: is_done() or self.is_on_hold or self.clocks_moved != moved,
                timeout=left,
                timeout_summary=clock_summary(DeadlineKind(kind), due_at)
                if kind and due_at
                else None,
            )
        except TimeoutError:
            return due_at is not None and workflow.now() >= due_at
        return False
