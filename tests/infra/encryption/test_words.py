"""What was said and shown in disputes is encrypted with the key of whoever said it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.erasing.rules import ERASED_TEXT
from infra.database.engine import create_engine
from infra.database.roles import application_url
from infra.database.schema import dispute_evidence, dispute_file, dispute_message
from infra.encryption.keys import NotAuthentic
from infra.encryption.older import seal_older
from infra.encryption.owned import KeyOwner, shred
from infra.encryption.words import (
    AUTHOR_KEY,
    author_key_column,
    opened_picture,
    opened_words,
    sealed_words,
)
from tests.infra.erasing.planting import Planted
from tests.infra.erasing.test_erasures import a_life
from tests.keys import ENCRYPTION

TABLES = {"dispute_message": dispute_message, "dispute_evidence": dispute_evidence}


async def kept_of(engine: AsyncEngine, table: str, author_id: str) -> dict[str, Any]:
    query = select(TABLES[table], author_key_column(f"{table}.author_id"))
    mine = query.where(TABLES[table].c.author_id == author_id)
    async with engine.connect() as connection:
        return (await connection.execute(mine)).one()._asdict()


async def sealed_life(engine: AsyncEngine, database_url: str) -> tuple[Planted, str]:
    """Let somebody quarrel before there was encryption, and encrypt it as a worker does."""
    planted = Planted()
    customer, _story = await a_life(engine, planted)
    application = create_engine(application_url(database_url))
    done = await seal_older(application, ENCRYPTION)
    await application.dispose()
    assert min(done[name] for name in (*TABLES, "dispute_file")) >= 1
    return planted, customer


async def test_words_and_pictures_of_old_are_encrypted_once_and_read_as_before(
    engine: AsyncEngine, database_url: str
) -> None:
    planted, customer = await sealed_life(engine, database_url)
    assert set((await seal_older(engine, ENCRYPTION)).values()) == {0}
    left = await planted.found_in(engine)
    assert not {name for name in left if name.startswith("dispute")}
    for table, column in (("dispute_message", "text"), ("dispute_evidence", "description")):
        kept = await kept_of(engine, table, customer)
        read = await opened_words(ENCRYPTION.keys, table, kept)
        assert planted.mark in read[column]
    # The latest one is a piece of evidence.
    author = (customer, kept[AUTHOR_KEY])
    query = select(dispute_file.c.content).where(dispute_file.c.evidence_id == kept["evidence_id"])
    async with engine.connect() as connection:
        content = (await connection.execute(query)).scalar_one()
    read_content = await opened_picture(ENCRYPTION.keys, kept["evidence_id"], author, content)
    assert read_content == planted.mark.encode()
    with pytest.raises(NotAuthentic):
        await opened_picture(ENCRYPTION.keys, kept["dispute_id"], author, content)


async def test_words_of_another_message_are_refused_and_without_the_key_they_are_gone(
    engine: AsyncEngine, database_url: str
) -> None:
    _planted, customer = await sealed_life(engine, database_url)
    kept = await kept_of(engine, "dispute_message", customer)
    async with engine.connect() as connection:
        key = await ENCRYPTION.keys.of(connection, KeyOwner.person(customer))
    moved = sealed_words(key, "dispute_message", kept["dispute_id"], "Something else")
    with pytest.raises(NotAuthentic):
        await opened_words(ENCRYPTION.keys, "dispute_message", {**kept, "text": moved})
    async with engine.begin() as connection:
        await shred(connection, KeyOwner.person(customer))
    kept = await kept_of(engine, "dispute_message", customer)
    read = await opened_words(ENCRYPTION.keys, "dispute_message", kept)
    assert (read["text"], AUTHOR_KEY in read) == (ERASED_TEXT, False)


async def test_nobody_can_write_other_words_with_what_encrypts_them(
    engine: AsyncEngine, database_url: str
) -> None:
    _planted, customer = await sealed_life(engine, database_url)
    kept = await kept_of(engine, "dispute_message", customer)
    seal = text("SELECT seal_written_words(:row_id, :sealed)")
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError, match="not encrypted"):
            await connection.execute(seal, {"row_id": kept["message_id"], "sealed": "I lied."})
        await connection.rollback()
        await connection.execute(seal, {"row_id": kept["message_id"], "sealed": "enc1.other"})
        await connection.commit()
    assert (await kept_of(engine, "dispute_message", customer))["text"] == kept["text"]
