"""Reads what the database keeps encrypted, as the platform itself does."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import notification, person
from infra.encryption.people import (
    notice_key_column,
    opened_address,
    opened_person,
    person_key_column,
)
from tests.keys import ENCRYPTION


async def notices(engine: AsyncEngine, *which: ColumnElement[bool]) -> list[dict[str, Any]]:
    """Return messages of the outbox with their addresses, in the order in which they were written."""
    query = (
        select(notification, notice_key_column())
        .where(*which)
        .order_by(notification.c.created_at, notification.c.audience)
    )
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    found = [row._asdict() for row in rows]
    return [{**row, "address": await opened_address(ENCRYPTION.keys, row)} for row in found]


async def person_of(engine: AsyncEngine, person_id: str) -> dict[str, Any]:
    """Return what is kept about a person."""
    query = select(person, person_key_column()).where(person.c.person_id == person_id)
    async with engine.connect() as connection:
        row = (await connection.execute(query)).one()
    return await opened_person(ENCRYPTION.keys, row._asdict())
