"""What goes wrong on the way, planned per route and per call."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from dataclasses import dataclass, field
from enum import StrEnum

EVERY_POST = "POST *"
"""Stands for all routes that change something."""
EVERY_GET = "GET *"
"""Stands for all routes that only read."""


class Fault(StrEnum):
    """One way in which a call can go wrong."""

    DROP_BEFORE = "drop_before"
    """The connection breaks and nothing has been done."""
    DROP_AFTER = "drop_after"
    """The connection breaks after everything has been done."""
    CONFLICT = "conflict"
    """409, nothing done, nothing kept under the key."""
    RATE_LIMIT = "rate_limit"
    """429 `rate_limit`, nothing done, nothing kept under the key."""
    LOCK_TIMEOUT = "lock_timeout"
    """429 `lock_timeout`, nothing done, nothing kept under the key."""
    CACHED_500 = "cached_500"
    """500, nothing done, and the 500 is kept under the key."""
    CACHED_500_AFTER = "cached_500_after"
    """500 although everything was done, and the 500 is kept under the key."""
    SLOW = "slow"
    """Waits before doing anything; the key is in use meanwhile."""
    LATE = "late"
    """Does everything at once and answers late; the key is in use meanwhile."""


@dataclass(slots=True)
class PlannedFault:
    """One line of the plan."""

    route: str
    fault: Fault
    nth: int = 1
    """Which matching call from now on is the first to fail."""
    times: int = 1
    """How many calls in a row fail."""
    delay_s: float = 0.0
    """How long a slow or late call waits, unless it waits for the gate."""
    gate: asyncio.Event | None = None
    """What a slow or late call waits for; the test opens it."""
    seen: int = 0
    """Matching calls so far."""
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    """Set when the fault strikes for the first time."""

    @property
    def spent(self) -> bool:
        """Whether the fault has struck as often as planned."""
        return self.seen >= self.nth + self.times - 1

    def strikes(self) -> bool:
        """Count one matching call and return whether it fails."""
        self.seen += 1
        struck = self.nth <= self.seen < self.nth + self.times
        if struck:
            self.reached.set()
        return struck

    async def wait(self) -> None:
        """Wait as long as planned."""
        if self.gate is not None:
            await self.gate.wait()
        else:
            await asyncio.sleep(self.delay_s)


class FaultPlan:
    """All planned faults; the first matching line that strikes decides a call."""

    def __init__(self, routes: Collection[str]) -> None:
        self._routes = routes
        self._plan: list[PlannedFault] = []

    def put(
        self,
        route: str,
        fault: Fault,
        *,
        nth: int = 1,
        times: int = 1,
        delay_s: float = 0.0,
        gate: asyncio.Event | None = None,
    ) -> PlannedFault:
        """Plan a fault for the n-th call of a route from now on.

        Raises:
            ValueError: there is no such route.
        """
        if route not in {*self._routes, EVERY_POST, EVERY_GET}:
            message = f"there is no route {route!r}"
            raise ValueError(message)
        planned = PlannedFault(route, fault, nth=nth, times=times, delay_s=delay_s, gate=gate)
        self._plan.append(planned)
        return planned

    def clear(self) -> None:
        """Forget everything that has not struck yet."""
        self._plan.clear()

    @property
    def open(self) -> tuple[PlannedFault, ...]:
        """Return what has not struck as often as planned; empty means that all of it happened."""
        return tuple(planned for planned in self._plan if not planned.spent)

    def next(self, route: str) -> PlannedFault | None:
        """Count a call of a route and return the fault that strikes it."""
        names = {route, EVERY_POST if route.startswith("POST ") else EVERY_GET}
        struck: PlannedFault | None = None
        for planned in self._plan:
            if planned.route in names and not planned.spent and planned.strikes():
                struck = struck or planned
        return struck
