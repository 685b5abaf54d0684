"""Runs one statement at a time, each in one round trip and its own transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Executable, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from infra.encryption.fields import OwnedKey
from infra.encryption.owned import KeyOwner, OwnedKeys
from infra.encryption.parcels import opened_parcel
from infra.encryption.people import opened_person

Row = dict[str, Any]
"""One row, by the names of its columns."""


def single_statements(engine: AsyncEngine) -> AsyncEngine:
    """Return the engine with connections that commit each statement by themselves.

    A transaction around one statement would cost two more round trips.
    """
    return engine.execution_options(isolation_level="AUTOCOMMIT")


class Database:
    """The edge's way to PostgreSQL: no request needs two statements in one transaction.

    What parcels say about people, and who people are, is decrypted on its way out.
    """

    def __init__(self, engine: AsyncEngine, keys: OwnedKeys) -> None:
        self._engine = single_statements(engine)
        self.keys = keys

    def connection(self) -> AsyncConnection:
        """Return a connection to use in an `async with`, for queries that live elsewhere."""
        return self._engine.connect()

    async def first(self, statement: Executable, values: Mapping[str, Any]) -> Row | None:
        """Return the first row of a statement, or none."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(statement, values)).first()
        return None if row is None else await self._opened(row._asdict())

    async def every(self, statement: Executable, values: Mapping[str, Any]) -> list[Row]:
        """Return every row of a statement, which has to bound them itself."""
        async with self._engine.connect() as connection:
            rows = (await connection.execute(statement, values)).all()
        return [await self._opened(row._asdict()) for row in rows]

    async def run(self, statement: Executable, values: Mapping[str, Any]) -> None:
        """Run a statement that returns nothing."""
        async with self._engine.connect() as connection:
            await connection.execute(statement, values)

    async def answers(self) -> bool:
        """Tell whether the database answers."""
        await self.run(text("SELECT 1"), {})
        return True

    async def key_of_person(self, person_id: str, read: OwnedKey | None) -> OwnedKey:
        """Return the key of a person: the one that was read with their row, else a new one.

        Raises:
            KeyDestroyed: the person was erased.
        """
        if read is not None:
            return read
        async with self.connection() as connection:
            return await self.keys.made_for(connection, KeyOwner.person(person_id))

    async def _opened(self, row: Row) -> Row:
        return await opened_person(self.keys, await opened_parcel(self.keys, row))
