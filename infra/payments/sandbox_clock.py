"""The sandbox's own clock, which can be moved on for one delivery at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderEvent
from infra.payments.sandbox_books import list_objects
from infra.payments.sandbox_events import event_of

_NOTE = text("""
INSERT INTO sandbox_advance (delivery_id, request_key, by_s)
VALUES (:delivery_id, :request_key, :by_s) ON CONFLICT DO NOTHING
""")
_TAKE_BACK = text(
    "DELETE FROM sandbox_advance WHERE delivery_id = :delivery_id AND request_key = :request_key"
)
_AHEAD = text("SELECT sandbox_ahead(:delivery_id)")
_LAPSE = text("""
UPDATE sandbox_charge SET status = 'canceled', detail = 'expired'
WHERE status = 'held' AND starts_with(operation_id, :prefix)
    AND held_until <= sandbox_now(operation_id)
RETURNING operation_id
""")


class SandboxClock:
    """Says how far each delivery is ahead, and lets go what is not held for longer."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def advance(self, delivery_id: str, request_key: str, by: timedelta) -> timedelta:
        """Move the clock of a delivery on; return how far it is ahead in all.

        Idempotency: the same request moves it once.
        """
        asked = {"delivery_id": delivery_id, "request_key": request_key}
        async with self._engine.begin() as connection:
            await connection.execute(_NOTE, {**asked, "by_s": int(by.total_seconds())})
        return await self.ahead(delivery_id)

    async def take_back(self, delivery_id: str, request_key: str) -> None:
        """Take back what could not be done."""
        asked = {"delivery_id": delivery_id, "request_key": request_key}
        async with self._engine.begin() as connection:
            await connection.execute(_TAKE_BACK, asked)

    async def ahead(self, delivery_id: str) -> timedelta:
        """Return how far a delivery is ahead of everybody's clock."""
        async with self._engine.connect() as connection:
            found = await connection.execute(_AHEAD, {"delivery_id": delivery_id})
            ahead: timedelta = found.scalar_one()
        return ahead

    async def lapse(self, delivery_id: str) -> Sequence[ProviderEvent]:
        """Play the banks that let held money go whose time is over; return the news of it."""
        async with self._engine.begin() as connection:
            gone = await connection.execute(_LAPSE, {"prefix": f"{delivery_id}:"})
            lapsed = set(gone.scalars())
            objects = await list_objects(connection, f"{delivery_id}:") if lapsed else ()
        now = datetime.now(UTC).replace(microsecond=0)
        return [event_of(each, now) for each in objects if each.operation_id in lapsed]
