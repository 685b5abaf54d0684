"""Events for people to look at, and another try for those that were kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.provider_news import KEPT_FOR_REPLAY, NewsState
from infra.webhooks.inbox import INBOX_CHANNEL

_LIST = text("""
SELECT event_id, state, name, object_id, operation_id, CAST(delivery_id AS text) AS delivery_id,
    tries, received_at, coalesce(note, '') AS note
FROM webhook_event WHERE state = ANY (:states) ORDER BY received_at DESC, event_id LIMIT :limit
""")
_REPLAY = text("""
WITH replayed AS (
    UPDATE webhook_event SET state = 'new', tries = 0, due_at = now(), settled_at = NULL,
        note = 'replayed; before: ' || coalesce(note, '')
    WHERE state = ANY (:states)
        AND (cardinality(CAST(:event_ids AS text[])) = 0 OR event_id = ANY (:event_ids))
    RETURNING event_id
)
SELECT event_id, CAST(pg_notify(:channel, '') AS text) FROM replayed ORDER BY event_id
""")


@dataclass(frozen=True, slots=True)
class KeptEvent:
    """One event as people see it: ids only."""

    event_id: str
    state: str
    name: str
    object_id: str
    operation_id: str
    delivery_id: str | None
    tries: int
    received_at: datetime
    note: str


async def listed(
    engine: AsyncEngine, states: Sequence[NewsState], count_max: int
) -> list[KeptEvent]:
    """Return the latest events in certain states, the newest first."""
    values = {"states": [str(state) for state in states], "limit": count_max}
    async with engine.connect() as connection:
        return [KeptEvent(*row) for row in await connection.execute(_LIST, values)]


async def replayed(
    engine: AsyncEngine, states: Sequence[NewsState], event_ids: Sequence[str]
) -> list[str]:
    """Let kept events be tried again from the start; return the ids of those that are.

    Without ids it is every event in these states. Events that were settled are left alone.
    """
    kept = [str(state) for state in states if state in KEPT_FOR_REPLAY]
    values = {"states": kept, "event_ids": list(event_ids), "channel": INBOX_CHANNEL}
    async with engine.begin() as connection:
        return list((await connection.execute(_REPLAY, values)).scalars())
