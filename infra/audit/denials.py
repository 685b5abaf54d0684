"""Keeps denials aside and writes them to the trail, so that no refused request waits for a disk."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.denials import Denial, DenialTally
from domain.auditing.entries import AuditEntry
from infra.audit.trail import append_entry

logger = logging.getLogger(__name__)

EVERY_S = 2.0
"""Wait between two writings: a crash loses no more than what was refused in this time."""


class DenialTrail:
    """What one process has refused and not written yet."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._tally = DenialTally()

    def note(self, denial: Denial) -> None:
        """Count a denial; it is written by the block of `writing` soon after."""
        self._tally.add(denial)

    async def write(self, *, everything: bool = False) -> int:
        """Write what may be written now and return how many entries that were.

        A database that does not answer loses these entries: they are in the log then.
        """
        entries = self._tally.due(time.monotonic(), everything=everything)
        try:
            await self._append(entries)
        except (SQLAlchemyError, TimeoutError):
            logger.warning("denials could not be written: %s", entries, exc_info=True)
            return 0
        return len(entries)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[None]:
        """Write again and again until the block ends, and once more what is left then."""
        task = asyncio.create_task(self._keep_writing())
        try:
            yield
        finally:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
            await self.write(everything=True)

    async def _append(self, entries: list[AuditEntry]) -> None:
        if not entries:
            return
        async with self._engine.begin() as connection:
            for entry in entries:
                await append_entry(connection, entry)

    async def _keep_writing(self) -> None:
        while True:
            await asyncio.sleep(EVERY_S)
            await self.write()
