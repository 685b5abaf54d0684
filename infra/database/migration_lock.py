"""The lock behind which one process at a time changes the schema."""

from __future__ import annotations

from sqlalchemy import Connection, text

MIGRATION_LOCK = 0x53454E44
"""Key of the advisory lock: the word SEND in ASCII."""


def take_migration_lock(connection: Connection) -> None:
    """Wait for the lock; it goes with the transaction."""
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
