"""Values that are found again wherever they are, in every column of every table."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

_COLUMNS = text("""
SELECT table_name, column_name, data_type FROM information_schema.columns
WHERE table_schema = 'public' AND data_type IN ('text', 'json', 'jsonb', 'bytea', 'ARRAY')
    AND table_name IN (SELECT tablename FROM pg_tables WHERE schemaname = 'public')
""")


async def nothing_runs(_workflow_ids: Collection[str]) -> frozenset[str]:
    """Answer for deliveries that are played without workflows."""
    return frozenset()


def _digits() -> str:
    return "9" + "".join(secrets.choice("0123456789") for _ in range(10))


@dataclass(frozen=True)
class Planted:
    """A person's data, every value of which holds one of two marks."""

    mark: str = field(default_factory=lambda: f"zq{secrets.token_hex(10)}")
    digits: str = field(default_factory=_digits)

    @property
    def name(self) -> str:
        return f"Zoe {self.mark}"

    @property
    def email(self) -> str:
        return f"{self.mark}@example.org"

    @property
    def phone(self) -> str:
        return f"+{self.digits}"

    def words(self, about: str) -> str:
        return f"{about} {self.mark}"

    async def found_in(self, engine: AsyncEngine) -> set[str]:
        """Return every column that holds a mark."""
        async with engine.connect() as connection:
            columns = (await connection.execute(_COLUMNS)).all()
            return {
                f"{table}.{column}"
                for table, column, kind in columns
                if await _holds(connection, table, column, kind, (self.mark, self.digits))
            }


async def _holds(
    connection: AsyncConnection, table: str, column: str, kind: str, marks: Collection[str]
) -> bool:
    shown = f"encode({column}, 'escape')" if kind == "bytea" else f"CAST({column} AS text)"
    query = f"SELECT EXISTS (SELECT FROM {table} WHERE {shown} LIKE ANY (:marks))"  # noqa: S608 -- Names of the schema.
    return bool(await connection.scalar(text(query), {"marks": [f"%{mark}%" for mark in marks]}))
