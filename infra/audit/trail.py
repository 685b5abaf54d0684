"""Writes entries to the trail: the one way by which everybody does."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.auditing.entries import AuditEntry
from infra.database.chain import canonical_json, moment_text, storable

ACCOUNT_HOLDER = "account_holder"
"""Role of whoever changes an account of their own, or has shown that they read its mail."""
_APPEND = text("SELECT append_audit_entry(:trail, :entry)")


async def append_entry(connection: AsyncConnection, entry: AuditEntry) -> int:
    """Write an entry in the transaction of what it tells, and return its place in its trail.

    Call it last: until the transaction ends, nobody else writes to the same trail.

    Idempotency: an entry with a key that is written already is not written again.
    """
    values = {"trail": entry.trail, "entry": entry_body(entry, datetime.now(UTC))}
    place: int = (await connection.execute(_APPEND, values)).scalar_one()
    return place


async def note_entry(engine: AsyncEngine, entry: AuditEntry) -> int:
    """Write an entry in a transaction of its own, and return its place in its trail."""
    async with engine.begin() as connection:
        return await append_entry(connection, entry)


def entry_body(entry: AuditEntry, at: datetime) -> str:
    """Return the text that is hashed: everything the entry says."""
    keyed = {"key": storable(entry.key)} if entry.key else {}
    return canonical_json(
        {
            "actor": {"role": storable(entry.actor_role), "person_id": entry.actor_id},
            "at": moment_text(at),
            "facts": {storable(name): storable(fact) for name, fact in entry.bounded_facts.items()},
            "kind": entry.kind,
            "subject": {"kind": storable(entry.subject), "id": storable(entry.bounded_id)},
            **keyed,
        }
    )
