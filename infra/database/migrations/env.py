"""Runs the migrations in one transaction, behind a lock that only one process can hold."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection, text

from infra.database.schema import metadata

MIGRATION_LOCK = 0x53454E44
"""Key of the advisory lock: the word SEND in ASCII."""


def run(connection: Connection) -> None:
    """Bring the database to the target revision; a second process waits, then finds it done."""
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
        context.run_migrations()


run(context.config.attributes["connection"])
