"""The migrations and the tables that queries are written with say the same."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine

from infra.database.engine import database_address
from infra.database.migrate import current_revision, migrate
from infra.database.schema import metadata
from infra.identifiers import new_id
from tests.conftest import make_database_url


def test_tables_and_migrations_are_in_step(database_url: str) -> None:
    engine = create_engine(database_address(database_url))
    with engine.connect() as connection:
        differences = compare_metadata(
            MigrationContext.configure(connection, opts={"compare_server_default": True}), metadata
        )
    engine.dispose()
    ours = [difference for difference in differences if "sandbox_" not in str(difference)]
    assert ours == []


def test_several_processes_may_migrate_a_missing_database_at_once(database_server: str) -> None:
    url = make_database_url(database_server, f"race_{new_id()[-12:]}")
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        list(pool.map(migrate, [url] * 3))
    assert current_revision(url) is not None
    migrate(url)


def test_a_database_that_was_never_migrated_has_no_revision(database_server: str) -> None:
    assert current_revision(database_server) is None
