"""Writes the document of everything that is kept about a person, a piece at a time."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncResult

from domain.ids import PersonId
from infra.encryption.addresses import opened_address_of
from infra.encryption.owned import OwnedKeys
from infra.encryption.parcels import opened_parcel
from infra.encryption.people import NOTICE_KEY, PERSON_KEY, opened_address, opened_person
from infra.encryption.words import AUTHOR_KEY, WORDS_OF, opened_words
from infra.exporting.sections import SECTIONS

FORMAT = "sendalong-export-1"
"""Name of the shape, for whoever reads the document by a program."""
ROWS_AT_ONCE = 500
"""Rows in memory: a person's document may be long, and few of these are."""


async def document_of(
    engine: AsyncEngine, keys: OwnedKeys, person_id: PersonId, now: datetime
) -> AsyncIterator[bytes]:
    """Return the document as pieces of JSON, on one consistent view of the database.

    What is encrypted in it is read with these keys; what was erased is named as erased.
    """
    head = {"format": FORMAT, "person_id": person_id, "made_at": now.astimezone(UTC).isoformat()}
    yield json.dumps(head)[:-1].encode()
    async with engine.connect() as plain:
        connection = await plain.execution_options(isolation_level="REPEATABLE READ")
        await connection.execute(text("SET TRANSACTION READ ONLY"))
        for name in SECTIONS:
            yield f', "{name}": ['.encode()
            rows = await connection.stream(text(SECTIONS[name]), {"person": person_id})
            async for piece in _section(rows, keys):
                yield piece
            yield b"]"
    yield b"}\n"


async def _section(rows: AsyncResult[Any], keys: OwnedKeys) -> AsyncIterator[bytes]:
    separator = b""
    async for part in rows.mappings().partitions(ROWS_AT_ONCE):
        for row in part:
            yield separator + json.dumps(await _opened(keys, row), default=_readable).encode()
            separator = b", "


async def _opened(keys: OwnedKeys, row: Mapping[Any, Any]) -> dict[str, Any]:
    """Return a row as its person reads it, without what it was decrypted by."""
    opened = await opened_person(keys, await opened_parcel(keys, row))
    if NOTICE_KEY in opened:
        opened["address"] = await opened_address(keys, opened)
        for name in ("person_id", "address_owner", NOTICE_KEY):
            del opened[name]
    if AUTHOR_KEY in opened:
        table = next(name for name, (row_id, _) in WORDS_OF.items() if row_id in opened)
        opened = await opened_words(keys, table, opened)
        del opened[WORDS_OF[table][0]], opened["author_id"]
    key = opened.pop(PERSON_KEY, None)
    if "place" in opened:
        opened = opened_address_of(key, opened)
        del opened["person_id"]
    return opened


def _readable(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
