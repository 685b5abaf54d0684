"""The trail on a real database: chained, append-only, one writer at a time."""

from __future__ import annotations

import asyncio
import json
from hashlib import sha256

import pytest
from sqlalchemy import Row, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.denials import Denial
from domain.auditing.entries import AuditEntry, EntryKind, Trail
from domain.ids import PersonId
from infra.audit.denials import DenialTrail
from infra.audit.trail import append_entry, note_entry
from infra.database.chain import event_hash
from infra.database.schema import audit_entry
from infra.identifiers import new_id


async def entries(engine: AsyncEngine, trail: Trail) -> list[Row[tuple[object, ...]]]:
    query = select(audit_entry).where(audit_entry.c.trail == trail).order_by("sequence")
    async with engine.connect() as connection:
        return list(await connection.execute(query))


async def test_an_entry_says_who_did_what_to_whom(engine: AsyncEngine) -> None:
    actor, person = PersonId(new_id()), new_id()
    entry = AuditEntry(
        EntryKind.ROLE_GRANTED,
        "person",
        person,
        actor,
        "admin",
        {"role": "agent", "odd": "\ud800\x00"},
    )
    place = await note_entry(engine, entry)
    row = (await entries(engine, Trail.PEOPLE))[place - 1]
    assert (row.kind, row.actor_role, row.actor_id) == ("role_granted", "admin", actor)
    assert (row.subject, row.subject_id) == ("person", person)
    assert json.loads(row.body)["facts"]["role"] == "agent"


async def test_every_entry_is_chained_to_the_one_before(engine: AsyncEngine) -> None:
    for number in range(3):
        await note_entry(engine, AuditEntry(EntryKind.KEY_MADE, "key", f"key-{number}"))
    previous = sha256(b"trail:keys").digest()
    for sequence, row in enumerate(await entries(engine, Trail.KEYS), 1):
        assert row.sequence == sequence
        assert bytes(row.previous_hash) == previous
        previous = event_hash(previous, sequence, row.body)
        assert bytes(row.hash) == previous


async def test_writers_at_once_get_one_place_each(engine: AsyncEngine) -> None:
    entry = AuditEntry(EntryKind.ACTED_AS, "person", new_id())
    places = await asyncio.gather(*(note_entry(engine, entry) for _ in range(8)))
    assert sorted(places) == list(range(min(places), min(places) + 8))


async def test_a_key_is_written_once(engine: AsyncEngine) -> None:
    entry = AuditEntry(EntryKind.ERASED, "person", new_id(), key=f"erasure:{new_id()}")
    assert await note_entry(engine, entry) == await note_entry(engine, entry)


async def test_what_is_undone_leaves_no_entry(engine: AsyncEngine) -> None:
    subject = new_id()
    async with engine.connect() as connection:
        await append_entry(connection, AuditEntry(EntryKind.KEY_ROTATED, "key", subject))
        await connection.rollback()
    assert subject not in {row.subject_id for row in await entries(engine, Trail.KEYS)}


@pytest.mark.parametrize(
    "statement",
    ["UPDATE audit_entry SET kind = 'x'", "DELETE FROM audit_entry", "TRUNCATE audit_entry"],
)
async def test_no_statement_changes_an_entry(engine: AsyncEngine, statement: str) -> None:
    await note_entry(engine, AuditEntry(EntryKind.KEY_MADE, "key"))
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="append-only"):
            await connection.execute(text(statement))


async def test_denials_are_written_in_bulk_and_at_the_end(engine: AsyncEngine) -> None:
    trail = DenialTrail(engine)
    subject = new_id()
    async with trail.writing():
        for _ in range(5):
            trail.note(Denial("read_delivery", "not_found", "delivery", subject))
    found = [row for row in await entries(engine, Trail.DENIALS) if row.subject_id == subject]
    assert [json.loads(row.body)["facts"]["count"] for row in found] == ["5"]
