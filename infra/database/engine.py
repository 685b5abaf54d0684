"""How the platform connects to PostgreSQL."""

from __future__ import annotations

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

DRIVER = "postgresql+psycopg"
CONNECT_S_MAX = 5
"""A database that does not answer in this time counts as down."""
STATEMENT_MS_MAX = 5_000
"""A statement that runs longer is cancelled: every one of ours touches few rows by key."""
IDLE_IN_TRANSACTION_MS_MAX = 15_000
"""A session that forgets its transaction gives its locks back after this time."""
PREPARED_AFTER = 1
"""How often a connection runs a statement before it prepares it: to plan one of our long statements takes
four times as long as to run it (bench/README.md)."""


def database_address(database_url: str) -> URL:
    """Return a database URL with our driver, whichever PostgreSQL spelling it had.

    Raises:
        ValueError: the URL is not one of PostgreSQL.
    """
    try:
        url = make_url(database_url)
    except ArgumentError:
        url = None
    if url is None or url.get_backend_name() not in {"postgresql", "postgres"}:
        raise ValueError("DATABASE_URL must start with postgresql://")
    return url.set(drivername=DRIVER)


def connection_settings(application_name: str, statement_ms_max: int) -> dict[str, str | int]:
    """Return the parameters that every session of ours starts with; times are read in UTC."""
    settings = {
        "statement_timeout": statement_ms_max,
        "idle_in_transaction_session_timeout": IDLE_IN_TRANSACTION_MS_MAX,
        "timezone": "UTC",
    }
    return {
        "application_name": application_name,
        "connect_timeout": CONNECT_S_MAX,
        "options": " ".join(f"-c {name}={value}" for name, value in settings.items()),
    }


def create_engine(
    database_url: str,
    *,
    application_name: str = "sendalong",
    connections: int = 10,
    statement_ms_max: int = STATEMENT_MS_MAX,
) -> AsyncEngine:
    """Return an engine with a small pool; nothing is connected before the first statement.

    Units: `connections` at most, all of which stay open: a new one has prepared no statement.
    """
    return create_async_engine(
        database_address(database_url),
        connect_args={
            **connection_settings(application_name, statement_ms_max),
            "prepare_threshold": PREPARED_AFTER,
        },
        pool_size=connections,
        max_overflow=0,
        pool_timeout=CONNECT_S_MAX,
        pool_use_lifo=True,
        # An error of the database is logged and may reach a history: its values must not.
        hide_parameters=True,
    )
