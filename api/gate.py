"""Lets a few requests at a time through to one object; the others wait in line."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(slots=True)
class _Line:
    seats: asyncio.Semaphore
    people: int = field(default=0)


class Gate:
    """One line per name; a line that is empty is forgotten."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lines: dict[str, _Line] = {}

    @asynccontextmanager
    async def through(self, name: str, wait_s_max: float | None = None) -> AsyncIterator[None]:
        """Wait for one's turn; first come, first served.

        Raises:
            TimeoutError: the turn did not come within `wait_s_max`.
        """
        line = self._lines.get(name)
        if line is None:
            line = self._lines[name] = _Line(asyncio.Semaphore(self._at_once))
        line.people += 1
        try:
            async with asyncio.timeout(wait_s_max):
                await line.seats.acquire()
            try:
                yield
            finally:
                line.seats.release()
        finally:
            line.people -= 1
            if not line.people:
                del self._lines[name]

    def is_busy(self, name: str) -> bool:
        """Tell whether somebody is in the line of a name."""
        return name in self._lines

    def __len__(self) -> int:
        """Return how many names have a line."""
        return len(self._lines)
