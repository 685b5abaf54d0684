"""Encrypts what was said and shown in disputes before there was encryption."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, Table, Text, cast, exists, func, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.erasing.rules import ERASED_TEXT
from infra.database.schema import data_key, dispute_evidence, dispute_file, dispute_message
from infra.encryption.fields import SEALED_BYTES_PREFIX, SEALED_PREFIX
from infra.encryption.owned import KeyOwner, OwnerKind
from infra.encryption.parts import Encryption
from infra.encryption.words import WORDS_OF, sealed_picture, sealed_words

BATCH = 200
"""Rows that are encrypted in one transaction."""
PICTURES_AT_ONCE = 5
"""Pictures in one transaction: each has some megabytes."""
_SEAL_WORDS = text("SELECT seal_written_words(:row_id, :sealed)")
_SEAL_PICTURE = text("SELECT seal_shown_picture(:row_id, :sealed)")


async def seal_messages(connection: AsyncConnection, encryption: Encryption) -> int:
    """Encrypt a batch of messages and return how many there were."""
    return await _seal_words(connection, encryption, dispute_message)


async def seal_evidence(connection: AsyncConnection, encryption: Encryption) -> int:
    """Encrypt a batch of descriptions of evidence and return how many there were."""
    return await _seal_words(connection, encryption, dispute_evidence)


async def seal_pictures(connection: AsyncConnection, encryption: Encryption) -> int:
    """Encrypt a few pictures and return how many there were."""
    file = dispute_file.c
    plain = (
        select(file.evidence_id.label("row_id"), dispute_evidence.c.author_id, file.content)
        .join(dispute_evidence, dispute_evidence.c.evidence_id == file.evidence_id)
        .where(_substring(file.content) != SEALED_BYTES_PREFIX)
    )
    rows = await _batch(connection, plain, dispute_evidence, PICTURES_AT_ONCE)
    for row in rows:
        key = await encryption.keys.made_for(connection, KeyOwner.person(row.author_id))
        sealed = sealed_picture(key, row.row_id, bytes(row.content))
        await connection.execute(_SEAL_PICTURE, {"row_id": row.row_id, "sealed": sealed})
    return len(rows)


async def _seal_words(connection: AsyncConnection, encryption: Encryption, table: Table) -> int:
    row_id, column = (table.c[name] for name in WORDS_OF[table.name])
    plain = select(row_id.label("row_id"), table.c.author_id, column.label("words")).where(
        column.not_like(f"{SEALED_PREFIX}%"), column != ERASED_TEXT
    )
    rows = await _batch(connection, plain, table, BATCH)
    for row in rows:
        key = await encryption.keys.made_for(connection, KeyOwner.person(row.author_id))
        sealed = sealed_words(key, table.name, row.row_id, row.words)
        await connection.execute(_SEAL_WORDS, {"row_id": row.row_id, "sealed": sealed})
    return len(rows)


async def _batch(
    connection: AsyncConnection, plain: Select[Any], table: Table, count: int
) -> Sequence[Row[Any]]:
    """Return rows of authors who were not erased. Of two that encrypt one the first one's stays."""
    erased = exists().where(
        data_key.c.owner_kind == OwnerKind.PERSON,
        data_key.c.owner_id == cast(table.c.author_id, Text),
        data_key.c.wrapped.is_(None),
    )
    rows: Sequence[Row[Any]] = (await connection.execute(plain.where(~erased).limit(count))).all()
    return rows


def _substring(content: ColumnElement[bytes]) -> ColumnElement[bytes]:
    return func.substr(content, 1, len(SEALED_BYTES_PREFIX), type_=content.type)
