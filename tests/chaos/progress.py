"""How far a run is: what keeps the killing and the deliveries in step with each other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from tests.chaos.plan import ChaosPlan


class Progress:
    """Counts deliveries and strikes; a delivery begins only when the strikes before it are done."""

    def __init__(self, plan: ChaosPlan) -> None:
        self._moments = [strike.after for strike in plan.strikes]
        self._in_flight_max = plan.in_flight_max
        self._change = asyncio.Condition()
        self.begun = 0
        self.ended = 0
        self.strikes_done = 0

    @property
    def in_flight(self) -> int:
        """Deliveries under way now."""
        return self.begun - self.ended

    @asynccontextmanager
    async def delivery(self) -> AsyncIterator[None]:
        """Count one delivery from its beginning to its end."""
        async with self._change:
            await self._change.wait_for(self._may_begin)
            self.begun += 1
            self._change.notify_all()
        try:
            yield
        finally:
            async with self._change:
                self.ended += 1
                self._change.notify_all()

    async def until_begun(self, count: int) -> None:
        """Wait until so many deliveries have begun."""
        async with self._change:
            await self._change.wait_for(lambda: self.begun >= count)

    async def strike_done(self) -> None:
        """Count one strike: everything it killed works again."""
        async with self._change:
            self.strikes_done += 1
            self._change.notify_all()

    def _may_begin(self) -> bool:
        due = sum(moment <= self.begun + 1 - self._in_flight_max for moment in self._moments)
        return self.in_flight < self._in_flight_max and self.strikes_done >= due
