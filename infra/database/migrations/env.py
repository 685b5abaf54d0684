"""Runs the migrations in one transaction, behind a lock that only one process can hold."""

from __future__ import annotations

from alembic import context
from sqlalchemy import Connection

from infra.database.migration_lock import take_migration_lock
from infra.database.schema import metadata


def run(connection: Connection) -> None:
    """Bring the database to the target revision; a second process waits, then finds it done."""
    context.configure(connection=connection, target_metadata=metadata)
    with context.begin_transaction():
        take_migration_lock(connection)
        context.run_migrations()


run(context.config.attributes["connection"])
