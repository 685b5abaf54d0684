"""The two roles at the database: its owner migrates, and the application cannot rewrite the past.

PostgreSQL itself refuses the application what the triggers refuse everybody: an owner could drop a
trigger first, the application cannot.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, make_url, text
from sqlalchemy.ext.asyncio import AsyncEngine

APPLICATION = "sendalong_application"
"""As whom API, worker and command line connect."""
OWNER_VARIABLE = "DATABASE_OWNER_URL"
"""Names the same database for its owner, where the application is somebody else."""
GRANTS = Path(__file__).parent / "migrations" / "sql" / "grants.sql"
_CAN_REWRITE = text("SELECT has_table_privilege('event', 'UPDATE')")


def grant_to_application(connection: Connection) -> None:
    """Give the application what it needs of every table and function, and no more.

    Call it after the migrations: tables are found by what they are, so a new one needs no line here.

    Idempotency: any number of times.
    """
    driver_connection = connection.connection.driver_connection
    assert driver_connection is not None
    driver_connection.execute(GRANTS.read_text(encoding="utf-8"))


def application_url(database_url: str) -> str:
    """Return the address of a database for the application, where the server trusts this machine.

    That is so for the embedded one; another server wants the role's own password.
    """
    url = make_url(database_url).set(username=APPLICATION)
    return url.render_as_string(hide_password=False)


async def can_rewrite(engine: AsyncEngine) -> bool:
    """Tell whether whoever is connected could rewrite what is kept for ever."""
    async with engine.connect() as connection:
        return bool(await connection.scalar(_CAN_REWRITE))
