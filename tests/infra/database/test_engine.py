"""Every session of ours has its limits, and every spelling of a PostgreSQL address works."""

from __future__ import annotations

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.engine import create_engine, database_address


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_spelling_leads_to_our_driver(scheme: str) -> None:
    url = database_address(f"{scheme}://app:p%40ss@db.example:5433/app?sslmode=require")
    assert url.render_as_string(hide_password=False) == (
        "postgresql+psycopg://app:p%40ss@db.example:5433/app?sslmode=require"
    )


@pytest.mark.parametrize("address", ["sqlite:///x.db", "mysql://localhost/x", "nonsense"])
def test_another_database_is_refused(address: str) -> None:
    with pytest.raises(ValueError, match="postgresql"):
        database_address(address)


async def test_a_session_names_itself_and_reads_times_in_utc(engine: AsyncEngine) -> None:
    async with engine.connect() as connection:
        for setting, value in (
            ("application_name", "sendalong-tests"),
            ("TimeZone", "UTC"),
            ("statement_timeout", "5s"),
            ("idle_in_transaction_session_timeout", "15s"),
        ):
            query = text("SELECT current_setting(:setting)")
            assert await connection.scalar(query, {"setting": setting}) == value


async def test_a_statement_that_comes_again_is_planned_once(engine: AsyncEngine) -> None:
    again = text("SELECT CAST(:given AS integer) AS planned_once")
    plans = text("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%planned_once'")
    async with engine.connect() as connection:
        for given in range(5):
            assert await connection.scalar(again, {"given": given}) == given
        assert await connection.scalar(plans) == 1


async def test_a_statement_that_runs_too_long_is_cancelled(database_url: str) -> None:
    impatient = create_engine(database_url, statement_ms_max=50)
    async with impatient.connect() as connection:
        with pytest.raises(OperationalError, match="statement timeout"):
            await connection.execute(text("SELECT pg_sleep(30)"))
    await impatient.dispose()
