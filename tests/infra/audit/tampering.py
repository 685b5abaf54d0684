"""Somebody who owns the database, and a database that is as before afterwards."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

TABLES = ("event", "audit_entry", "audit_root", "audit_leaf", "delivery")


@asynccontextmanager
async def tampered(engine: AsyncEngine, *statements: str, **values: Any) -> AsyncIterator[None]:
    """Run statements as an owner who has switched every trigger off; undo them afterwards."""
    async with as_owner(engine) as connection:
        for table in TABLES:
            await connection.execute(text(f"CREATE TABLE kept_{table} AS TABLE {table}"))
        for statement in statements:
            await connection.execute(text(statement), values)
    yield
    async with as_owner(engine) as connection:
        for table in TABLES:
            kept = f"INSERT INTO {table} SELECT * FROM kept_{table}"  # noqa: S608 -- A constant.
            await connection.execute(text(f"DELETE FROM {table}"))  # noqa: S608 -- A constant.
            await connection.execute(text(kept))
            await connection.execute(text(f"DROP TABLE kept_{table}"))


@asynccontextmanager
async def as_owner(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
