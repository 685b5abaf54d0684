"""Alembic migrations, applied by `infra.database.migrate`."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection

SQL_FOLDER = Path(__file__).parent / "sql"


def run_sql_file(connection: Connection, name: str) -> None:
    """Run one file of SQL statements as it is written, without looking for parameters in it."""
    driver_connection = connection.connection.driver_connection
    assert driver_connection is not None
    driver_connection.execute((SQL_FOLDER / name).read_text(encoding="utf-8"))
