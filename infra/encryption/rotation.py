"""Changes the key-encryption key: every kept key is wrapped anew, and nothing else is touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.entries import AuditEntry, EntryKind
from infra.audit.trail import append_entry
from infra.database.schema import data_key
from infra.encryption.keys import KeyUnknown
from infra.encryption.owned import OwnedKeys, read_row

BATCH = 500
"""Keys that are wrapped anew in one transaction."""


@dataclass(frozen=True, slots=True)
class KeyUse:
    """What depends on the key-encryption keys."""

    wraps: Mapping[str, int]
    """Keys wrapped by each key-encryption key, also by such as the ring lacks."""
    destroyed: int
    """Owners without a key, since what was kept about them was erased."""


async def key_use(engine: AsyncEngine) -> KeyUse:
    """Return how many keys each key-encryption key wraps."""
    query = select(data_key.c.wrapped_by, func.count()).group_by(data_key.c.wrapped_by)
    async with engine.connect() as connection:
        counts = {row[0]: row[1] for row in await connection.execute(query)}
    destroyed = counts.pop(None, 0)
    return KeyUse(counts, destroyed)


async def rewrap_all(engine: AsyncEngine, keys: OwnedKeys) -> int:
    """Wrap every kept key with the current key-encryption key and return how many were not yet.

    Raises:
        KeyUnknown: the ring lacks a key that still wraps something; nothing is lost by that.
    Idempotency: what was done before a crash stays done; another run does the rest.
    """
    current, known = await keys.keys.current(), await keys.keys.known()
    use = await key_use(engine)
    lost = sorted(set(use.wraps) - set(known))
    if lost:
        raise KeyUnknown(f"the key ring lacks {', '.join(lost)}, which still wrap keys; add them")
    done = 0
    while batch := await _rewrap_batch(engine, keys, current):
        done += batch
    return done


async def _rewrap_batch(engine: AsyncEngine, keys: OwnedKeys, current: str) -> int:
    old = (
        select(data_key)
        .where(data_key.c.wrapped_by != current)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    async with engine.begin() as connection:
        rows = [read_row(row) for row in (await connection.execute(old)).all()]
        for row in rows:
            fresh = (await keys.rewrapped(row)).wrapped
            assert fresh is not None
            changed = update(data_key).where(data_key.c.key_id == row.key_id)
            await connection.execute(
                changed.values(wrapped=fresh.sealed, wrapped_by=fresh.wrapped_by)
            )
        if rows:
            facts = {"rewrapped": str(len(rows))}
            entry = AuditEntry(EntryKind.KEY_ROTATED, "key_encryption_key", current, facts=facts)
            await append_entry(connection, entry)
    return len(rows)
