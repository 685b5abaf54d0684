"""Brings a database to the newest schema."""

from __future__ import annotations

from pathlib import Path
from threading import Lock

import psycopg
from alembic import command
from alembic.config import Config
from psycopg import errors, sql
from sqlalchemy import URL, NullPool, create_engine, text

from infra.database.engine import connection_settings, database_address
from infra.database.migration_lock import take_migration_lock
from infra.database.roles import grant_to_application

MIGRATION_MS_MAX = 10 * 60 * 1_000
"""A migration may rewrite a table; it also waits for another process that migrates."""
NEWEST = "head"
MAINTENANCE_DATABASE = "postgres"
_ALEMBIC = Lock()
"""Alembic keeps its context in module globals, so the threads of one process take turns."""


def migrate(database_url: str, revision: str = NEWEST) -> None:
    """Create the database when it is missing and apply every migration that it lacks.

    The newest schema comes with what the application may do of it.

    Blocks: call it from a thread when an event loop runs.
    Idempotency: any number of processes may call it at once; one migrates, the others wait.
    """
    url = database_address(database_url)
    _create_database_if_absent(url)
    engine = create_engine(
        url,
        poolclass=NullPool,
        connect_args=connection_settings("sendalong-migrate", MIGRATION_MS_MAX),
    )
    with _ALEMBIC, engine.connect() as connection:
        config = migration_config()
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
        if revision == NEWEST:
            with connection.begin():
                take_migration_lock(connection)
                grant_to_application(connection)


def migration_config() -> Config:
    """Return Alembic's configuration; there is no ini file to keep in step."""
    config = Config()
    folder = str(Path(__file__).parent / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))
    return config


def current_revision(database_url: str) -> str | None:
    """Return the revision a database is at, or none when it was never migrated."""
    engine = create_engine(database_address(database_url), poolclass=NullPool)
    with engine.connect() as connection:
        known = connection.execute(text("SELECT to_regclass('alembic_version')")).scalar_one()
        if known is None:
            return None
        revision: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return revision


def _create_database_if_absent(url: URL) -> None:
    try:
        psycopg.connect(_libpq(url), connect_timeout=5).close()
    except psycopg.OperationalError:
        if not _created(url):
            # Another process created it in between, or the failure has another reason.
            psycopg.connect(_libpq(url), connect_timeout=5).close()


def _created(url: URL) -> bool:
    """Create the database unless it exists by now; tell whether it was missing."""
    assert url.database is not None
    maintenance = _libpq(url.set(database=MAINTENANCE_DATABASE))
    with psycopg.connect(maintenance, connect_timeout=5, autocommit=True) as connection:
        known = connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", (url.database,)
        ).fetchone()
        if known is not None:
            return False
        try:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE template0 ENCODING 'UTF8'").format(
                    sql.Identifier(url.database)
                )
            )
        except (errors.DuplicateDatabase, errors.UniqueViolation):
            # Another process created it between the question and the statement.
            return True
    return True


def _libpq(url: URL) -> str:
    return url.set(drivername="postgresql").render_as_string(hide_password=False)
