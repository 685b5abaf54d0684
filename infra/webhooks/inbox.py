"""The table of events as the inbox sees it: each call is one statement and one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderEvent, ProviderEventKind
from domain.provider_news import LastWord, NewsState
from infra.webhooks.stages import stage_of

INBOX_CHANNEL = "sendalong_webhooks"
"""Notified whenever events come in."""

Source = Literal["webhook", "list"]

_RECEIVE = text("""
WITH given AS (
    SELECT * FROM unnest(
        CAST(:event_ids AS text[]), CAST(:kinds AS text[]), CAST(:names AS text[]),
        CAST(:object_ids AS text[]), CAST(:operation_ids AS text[]), CAST(:charge_ids AS text[]),
        CAST(:accounts AS text[]), CAST(:moments AS timestamptz[])
    ) AS given (event_id, kind, name, object_id, operation_id, charge_id, account, happened_at)
),
stored AS (
    INSERT INTO webhook_event (provider, event_id, kind, name, object_id, operation_id, charge_id,
        account, happened_at, source)
    SELECT :provider, event_id, kind, name, object_id, operation_id, charge_id, account,
        happened_at, :source
    FROM given ON CONFLICT (provider, event_id) DO NOTHING
    RETURNING event_id
)
SELECT count(*) AS stored,
    CASE WHEN count(*) > 0 THEN CAST(pg_notify(:channel, '') AS text) END FROM stored
""")

_CLAIM = text("""
WITH due AS MATERIALIZED (
    SELECT provider, event_id FROM webhook_event
    WHERE state = 'new' AND due_at <= now()
    ORDER BY due_at LIMIT :count_max FOR UPDATE SKIP LOCKED
)
UPDATE webhook_event AS event
SET tries = event.tries + 1, due_at = now() + make_interval(secs => :lease_s)
FROM due WHERE event.provider = due.provider AND event.event_id = due.event_id
RETURNING event.*
""")

_POSTPONE = text("""
UPDATE webhook_event SET due_at = now() + make_interval(secs => :wait_s), note = :note
WHERE provider = :provider AND event_id = :event_id AND state = 'new'
""")

_SETTLE = text("""
WITH settled AS (
    UPDATE webhook_event SET state = :state, note = :note, settled_at = now(),
        delivery_id = CAST(:delivery_id AS uuid)
    WHERE provider = :provider AND event_id = :event_id AND state = 'new'
    RETURNING provider, event_id, kind, name, object_id, happened_at
)
INSERT INTO provider_object AS known (provider, object_id, kind, stage, name, happened_at, event_id,
    operation_id, delivery_id)
SELECT provider, object_id, kind, :stage, name, happened_at, event_id, :operation_id,
    CAST(:delivery_id AS uuid)
FROM settled WHERE :speaks
ON CONFLICT (provider, object_id) DO UPDATE SET stage = excluded.stage, name = excluded.name,
    happened_at = excluded.happened_at, event_id = excluded.event_id,
    operation_id = coalesce(nullif(excluded.operation_id, ''), known.operation_id),
    delivery_id = coalesce(excluded.delivery_id, known.delivery_id)
WHERE (excluded.stage, excluded.happened_at, excluded.event_id)
    > (known.stage, known.happened_at, known.event_id)
""")
"""The last word on an object is the greatest of its events, in the order of `LastWord`."""

_UNTIL_DUE = text("""
SELECT extract(epoch FROM min(due_at) - clock_timestamp()) FROM webhook_event WHERE state = 'new'
""")


@dataclass(frozen=True, slots=True)
class Claimed:
    """One event that is ours to settle for the length of a lease."""

    provider: str
    event: ProviderEvent
    tries: int
    """This one included."""

    @property
    def last_word(self) -> LastWord:
        """What it would make of its object."""
        event = self.event
        return LastWord(stage_of(event.name), event.happened_at, event.event_id, event.name)


@dataclass(frozen=True, slots=True)
class Settlement:
    """What became of one event."""

    state: NewsState
    note: str = ""
    """Why, for people; none when it was told."""
    operation_id: str = ""
    delivery_id: str | None = None


class Inbox:
    """Events on their way from the provider to whoever acts on them."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def receive(self, provider: str, events: Sequence[ProviderEvent], source: Source) -> int:
        """Store events and return how many were new.

        Idempotency: an event that is known is left as it is.
        """
        values = {"provider": provider, "source": source, "channel": INBOX_CHANNEL}
        async with self._engine.begin() as connection:
            row = (await connection.execute(_RECEIVE, values | _columns(events))).one()
        return int(row.stored)

    async def claim(self, count_max: int, lease_s: float) -> list[Claimed]:
        """Make up to so many due events ours.

        Two workers never have the same event; when one dies, its events are due again after the
        lease.
        """
        values = {"count_max": count_max, "lease_s": lease_s}
        async with self._engine.begin() as connection:
            return [_claimed(row) for row in await connection.execute(_CLAIM, values)]

    async def postpone(self, claimed: Claimed, wait_s: float, note: str) -> None:
        """Let an event be tried again later."""
        await self._run(_POSTPONE, {**_key(claimed), "wait_s": wait_s, "note": note})

    async def settle(self, claimed: Claimed, settlement: Settlement, *, speaks: bool) -> None:
        """Note what became of an event and, if it speaks of its object, what that now amounts to."""
        values = {
            **_key(claimed),
            "state": settlement.state,
            "note": settlement.note or None,
            "operation_id": settlement.operation_id,
            "delivery_id": settlement.delivery_id,
            "stage": int(claimed.last_word.stage),
            "speaks": speaks,
        }
        await self._run(_SETTLE, values)

    async def seconds_until_due(self) -> float | None:
        """Return how long until the next event is due, or none when none is."""
        async with self._engine.connect() as connection:
            left = await connection.scalar(_UNTIL_DUE)
        return None if left is None else max(float(left), 0.0)

    async def _run(self, statement: Any, values: dict[str, Any]) -> None:
        async with self._engine.begin() as connection:
            await connection.execute(statement, values)


def _columns(events: Iterable[ProviderEvent]) -> dict[str, list[Any]]:
    given = list(events)
    return {
        "event_ids": [event.event_id for event in given],
        "kinds": [event.kind.value for event in given],
        "names": [event.name for event in given],
        "object_ids": [event.object_id for event in given],
        "operation_ids": [event.operation_id for event in given],
        "charge_ids": [event.charge_id for event in given],
        "accounts": [event.account for event in given],
        "moments": [event.happened_at for event in given],
    }


def _key(claimed: Claimed) -> dict[str, Any]:
    return {"provider": claimed.provider, "event_id": claimed.event.event_id}


def _claimed(row: Row[Any]) -> Claimed:
    happened_at: datetime = row.happened_at
    event = ProviderEvent(
        event_id=row.event_id,
        kind=ProviderEventKind(row.kind),
        name=row.name,
        object_id=row.object_id,
        happened_at=happened_at,
        operation_id=row.operation_id,
        charge_id=row.charge_id,
        account=row.account,
    )
    return Claimed(row.provider, event, row.tries)
