"""The list of what people must look at, in the database."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.attention import AttentionItem
from domain.ids import PersonId
from infra.identifiers import new_id

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
