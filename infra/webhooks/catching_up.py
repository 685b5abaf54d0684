"""Finds in the provider's list what no webhook has brought: a cursor says up to when it was read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import cast

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.webhook_ports import ProviderEventList
from infra.webhooks.inbox import Inbox

OVERLAP = timedelta(minutes=10)
"""How much of what was read is read again: an event may appear in the list after later ones."""
FIRST_LOOK = timedelta(hours=1)
"""How far back the first reading goes: what is older came before this installation."""

_CURSOR = text("SELECT listed_until FROM webhook_cursor WHERE provider = :provider")
_ADVANCE = text("""
INSERT INTO webhook_cursor AS known (provider, listed_until) VALUES (:provider, :until)
ON CONFLICT (provider) DO UPDATE
SET listed_until = greatest(known.listed_until, excluded.listed_until), listed_at = now()
""")


class CatchingUp:
    """Reads the list of one provider into the inbox."""

    def __init__(self, engine: AsyncEngine, provider: str, listed: ProviderEventList) -> None:
        self._engine = engine
        self._inbox = Inbox(engine)
        self._provider = provider
        self._listed = listed

    async def run(self) -> int:
        """Take in what is new since the last time; return how many events had been missed.

        The cursor moves on once everything was read, and by the provider's own clock.
        Idempotency: an event that is known is left as it is.
        """
        cursor = await self._cursor()
        until = cursor or datetime.now(UTC) - FIRST_LOOK
        missed = 0
        async for page in self._listed.since(until - OVERLAP if cursor else until):
            missed += await self._inbox.receive(self._provider, page, "list")
            until = max([until, *(event.happened_at for event in page)])
        await self._advance(until)
        return missed

    async def _cursor(self) -> datetime | None:
        async with self._engine.connect() as connection:
            found = await connection.scalar(_CURSOR, {"provider": self._provider})
        return cast("datetime | None", found)

    async def _advance(self, until: datetime) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(_ADVANCE, {"provider": self._provider, "until": until})
