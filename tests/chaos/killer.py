"""Kills parts of the stack with SIGKILL, starts them again and notes how long that takes."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import psutil

from infra.local_stack.errors import StackError
from infra.local_stack.program import Part
from infra.local_stack.stack import LocalStack
from tests.chaos.plan import Strike
from tests.chaos.progress import Progress

STARTS_MAX = 5
"""Tries to start a part: a worker that comes up while another part is away ends itself."""
WATCH_S = 0.5
"""How often it is looked whether a part has ended by itself."""


@dataclass
class Toll:
    """What the killing came to."""

    kills: Counter[Part] = field(default_factory=Counter)
    """SIGKILLs while at least one delivery was under way."""
    kills_at_rest: Counter[Part] = field(default_factory=Counter)
    deaths: Counter[Part] = field(default_factory=Counter)
    """Parts that ended by themselves because another one was away."""
    restarts: Counter[Part] = field(default_factory=Counter)
    recovery_s_max: dict[Part, float] = field(default_factory=dict)
    """Longest time from a start after a kill until the part works again."""


class Killer:
    """Strikes as the plan says and looks after the parts in between."""

    def __init__(self, stack: LocalStack, progress: Progress, tell: Callable[[str], None]) -> None:
        self._stack = stack
        self._progress = progress
        self._tell = tell
        self._mending = asyncio.Lock()
        self._down: set[Part] = set()
        self.toll = Toll()

    async def strike_all(self, strikes: Sequence[Strike]) -> None:
        """Carry out all strikes, one after the other, in step with the deliveries."""
        for strike in strikes:
            await self._progress.until_begun(strike.after)
            await asyncio.sleep(strike.delay_s)
            await self._strike(strike)
            await self._progress.strike_done()

    async def watch(self) -> None:
        """Start again whatever ends by itself, until cancelled."""
        while True:
            await self.mend()
            await asyncio.sleep(WATCH_S)

    async def mend(self) -> None:
        """Start every part that is down, each after those it needs."""
        async with self._mending:
            for part in Part:
                if part not in self._down and not _lives(self._stack.process_id(part)):
                    self.toll.deaths[part] += 1
                    self._tell(f"{part.label} has ended by itself")
                    await self._kill(part)
                if part in self._down:
                    await self._start(part)

    async def _strike(self, strike: Strike) -> None:
        async with self._mending:
            count = self._progress.in_flight
            kills = self.toll.kills if count else self.toll.kills_at_rest
            names = " and ".join(part.label for part in strike.parts)
            self._tell(f"{names} killed, {count} deliveries under way")
            for part in strike.parts:
                kills[part] += 1
                await self._kill(part)
            await asyncio.sleep(strike.down_s)
            for part in sorted(strike.parts, key=list(Part).index):
                await self._start(part)

    async def _kill(self, part: Part) -> None:
        await self._stack.kill(part)
        self._down.add(part)

    async def _start(self, part: Part) -> None:
        began = time.monotonic()
        for tries_left in reversed(range(STARTS_MAX)):
            self.toll.restarts[part] += 1
            try:
                await self._stack.start_child(part)
                break
            except StackError as failure:
                if not tries_left:
                    raise
                self._tell(f"{part.label} did not come up: {failure}")
                await self._kill(part)
        self._down.discard(part)
        taken_s = time.monotonic() - began
        self.toll.recovery_s_max[part] = max(self.toll.recovery_s_max.get(part, 0.0), taken_s)


def _lives(process_id: int) -> bool:
    try:
        return psutil.Process(process_id).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
