"""The list of what people must look at, in the database."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.attention import AttentionItem, AttentionKind
from domain.contracts import Role
from domain.ids import PersonId
from infra.identifiers import new_id

STAFF = (Role.AGENT.value, Role.OPERATOR.value)
"""Who may say that there is nothing left to do."""

_RAISE = text("""
INSERT INTO attention_item AS item
    (item_id, key, kind, delivery_id, subject, problem, suggested_repair)
VALUES (:item_id, :key, :kind, :delivery_id, :subject, :problem, :suggested_repair)
ON CONFLICT (key) DO UPDATE SET
    kind = excluded.kind, delivery_id = excluded.delivery_id, subject = excluded.subject,
    problem = excluded.problem, suggested_repair = excluded.suggested_repair,
    raised_at = CASE WHEN item.settled_at IS NULL THEN item.raised_at ELSE now() END,
    last_seen_at = now(), settled_at = NULL, settled_by = NULL, settlement = NULL
RETURNING old.item_id IS NULL OR old.settled_at IS NOT NULL AS is_new
""")
_SETTLE = text("""
UPDATE attention_item SET settled_at = now(), settled_by = :settled_by, settlement = :settlement
WHERE key = :key AND settled_at IS NULL
""")


_LIST = text("""
SELECT CAST(item_id AS text) AS item_id, kind, CAST(delivery_id AS text) AS delivery_id, subject,
    problem, suggested_repair, raised_at, last_seen_at, settled_at,
    CAST(settled_by AS text) AS settled_by, coalesce(settlement, '') AS settlement
FROM attention_item
WHERE (settled_at IS NOT NULL) = :is_settled AND (CAST(:kind AS text) IS NULL OR kind = :kind)
    AND (CAST(:delivery_id AS uuid) IS NULL OR delivery_id = CAST(:delivery_id AS uuid))
ORDER BY item_id DESC LIMIT :limit
""")
_SETTLE_BY_ID = text("""
WITH person_who_says AS (
    SELECT person_id FROM person WHERE person_id = :settled_by
        AND roles && CAST(:staff AS text[])
),
settled AS (
    UPDATE attention_item SET settled_at = now(), settlement = :settlement,
        settled_by = (SELECT person_id FROM person_who_says)
    WHERE item_id = :item_id AND settled_at IS NULL AND EXISTS (SELECT FROM person_who_says)
    RETURNING item_id
)
SELECT EXISTS (SELECT FROM person_who_says) AS is_staff, EXISTS (SELECT FROM settled) AS is_settled
""")


@dataclass(frozen=True, slots=True)
class KeptItem:
    """One item as people see it."""

    item_id: str
    kind: str
    delivery_id: str | None
    subject: str
    problem: str
    suggested_repair: str
    raised_at: datetime
    last_seen_at: datetime
    settled_at: datetime | None
    settled_by: str | None
    settlement: str


class NotStaff(Exception):
    """Whoever is said to settle an item is no agent or operator."""


async def listed(
    engine: AsyncEngine,
    *,
    settled: bool,
    kind: AttentionKind | None,
    delivery_id: str | None,
    count_max: int,
) -> list[KeptItem]:
    """Return items, the newest first."""
    values = {
        "is_settled": settled,
        "kind": kind,
        "delivery_id": delivery_id,
        "limit": count_max,
    }
    async with engine.connect() as connection:
        return [KeptItem(*row) for row in await connection.execute(_LIST, values)]


async def settled_by_staff(engine: AsyncEngine, item_id: str, by: PersonId, text: str) -> bool:
    """Settle an item by its id, in the name of an agent or operator; return whether it was open.

    Raises:
        NotStaff: the person is none.
    """
    values = {"item_id": item_id, "settled_by": by, "settlement": text, "staff": sorted(STAFF)}
    async with engine.begin() as connection:
        row = (await connection.execute(_SETTLE_BY_ID, values)).one()
    if not row.is_staff:
        raise NotStaff(f"{by} is no agent or operator.")
    return bool(row.is_settled)


async def raise_in(connection: AsyncConnection, item: AttentionItem) -> bool:
    """Put an item on the list as a part of the caller's transaction; return whether it is news.

    Idempotency: as `AttentionItems.raise_item`.
    """
    values = {
        "item_id": new_id(),
        "key": item.key,
        "kind": item.kind,
        "delivery_id": item.delivery_id,
        "subject": item.subject,
        "problem": item.problem,
        "suggested_repair": item.repair,
    }
    return bool(await connection.scalar(_RAISE, values))


async def settle_in(connection: AsyncConnection, key: str, by: PersonId | None, text: str) -> bool:
    """Take an item off the list as a part of the caller's transaction; return whether it was open.

    Idempotency: as `AttentionItems.settle_item`.
    """
    values = {"key": key, "settled_by": by, "settlement": text}
    return (await connection.execute(_SETTLE, values)).rowcount > 0


class DatabaseAttention:
    """The list of what people must look at; each call is a transaction."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def raise_item(self, item: AttentionItem) -> bool:
        """Put an item on the list; return whether it was not open before."""
        async with self._engine.begin() as connection:
            return await raise_in(connection, item)

    async def settle_item(self, key: str, by: PersonId | None, text: str) -> bool:
        """Take an item off the list, saying why; return whether it was open."""
        async with self._engine.begin() as connection:
            return await settle_in(connection, key, by, text)
