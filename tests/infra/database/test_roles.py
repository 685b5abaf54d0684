"""PostgreSQL refuses the application to rewrite what is kept for ever, and lets it do its work."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.entries import AuditEntry, EntryKind
from infra.audit.trail import note_entry
from infra.database.engine import create_engine
from infra.database.invariants import check_invariants
from infra.database.roles import (
    APPLICATION,
    RoleTooPowerful,
    application_url,
    can_rewrite,
    require_restricted,
)
from tests.infra.database.conftest import begin_story

GUARDED = text("""
SELECT CAST(CAST(tgrelid AS regclass) AS text) AS name, bool_or(tgname = 'append_only') AS only_added
FROM pg_trigger WHERE tgname IN ('append_only', 'never_deleted') GROUP BY tgrelid ORDER BY name
""")
KEPT_FOR_EVER = {
    "event", "audit_entry", "audit_root", "audit_leaf", "ledger_transaction", "ledger_entry",
    "dispute_evidence", "dispute_message", "strike",
}  # fmt: skip


@pytest.fixture(scope="module")
async def application(database_url: str) -> AsyncIterator[AsyncEngine]:
    """The application's own way to the database."""
    engine = create_engine(application_url(database_url))
    yield engine
    await engine.dispose()


async def refusal(engine: AsyncEngine, statement: str) -> str:
    async with engine.connect() as connection:
        with pytest.raises(DBAPIError) as refused:
            await connection.execute(text(statement))
    return str(refused.value.orig)


async def test_every_guarded_table_is_closed_to_the_application(
    engine: AsyncEngine, application: AsyncEngine
) -> None:
    async with engine.connect() as connection:
        guarded = {row.name: row.only_added for row in await connection.execute(GUARDED)}
    assert {name for name, only_added in guarded.items() if only_added} >= KEPT_FOR_EVER
    for table, only_added in guarded.items():
        denied = f"permission denied for table {table}"
        assert denied in await refusal(application, f"DELETE FROM {table}")  # noqa: S608 -- A constant.
        assert denied in await refusal(application, f"TRUNCATE {table}")
        owner = f"must be owner of table {table}"
        assert owner in await refusal(application, f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        assert "must be owner" in await refusal(application, f"DROP TABLE {table} CASCADE")
        if only_added:
            column = await plain_column(engine, table)
            change = f"UPDATE {table} SET {column} = {column}"  # noqa: S608 -- A constant.
            assert denied in await refusal(application, change)


async def plain_column(engine: AsyncEngine, table: str) -> str:
    query = text(
        "SELECT attname FROM pg_attribute WHERE attrelid = CAST(:name AS regclass) "
        "AND attnum > 0 AND attidentity = '' ORDER BY attnum LIMIT 1"
    )
    async with engine.connect() as connection:
        return str(await connection.scalar(query, {"name": table}))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_account SET balance_minor = 1",
        "INSERT INTO audit_entry SELECT * FROM audit_entry",
        "UPDATE alembic_version SET version_num = '0'",
        "SET session_replication_role = replica",
        "DROP TRIGGER append_only ON event",
        "CREATE TABLE anything (x int)",
        "ALTER FUNCTION refuse_change() RENAME TO allow_change",
        "SET ROLE postgres",
    ],
)
async def test_no_way_around_is_open(application: AsyncEngine, statement: str) -> None:
    told = await refusal(application, statement)
    assert "permission denied" in told or "must be owner" in told


async def test_only_entries_move_a_balance(application: AsyncEngine) -> None:
    statement = "UPDATE ledger_account SET kind = kind"
    story = await begin_story(application)
    await story.held()
    assert "only entries move a balance" in await refusal(application, statement)


async def test_everything_else_works(engine: AsyncEngine, application: AsyncEngine) -> None:
    story = await begin_story(application)
    await story.held()
    await story.deliver()
    await story.release()
    await note_entry(application, AuditEntry(EntryKind.KEY_MADE, "key", "k1"))
    report = await check_invariants(application, story.delivery_id)
    assert not report.violations
    assert not await can_rewrite(application)
    assert await can_rewrite(engine)


async def test_the_role_has_no_privilege_of_the_server(engine: AsyncEngine) -> None:
    query = text(
        "SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls OR rolreplication "
        "FROM pg_roles WHERE rolname = :name"
    )
    async with engine.connect() as connection:
        assert await connection.scalar(query, {"name": APPLICATION}) is False


async def test_with_real_money_nobody_starts_who_can_rewrite_the_past(
    engine: AsyncEngine, application: AsyncEngine, caplog: pytest.LogCaptureFixture
) -> None:
    await require_restricted(application, moves_real_money=True)
    assert not caplog.records
    with pytest.raises(RoleTooPowerful, match=APPLICATION):
        await require_restricted(engine, moves_real_money=True)
    await require_restricted(engine, moves_real_money=False)
    assert ["can rewrite the audit" in record.message for record in caplog.records] == [True]
