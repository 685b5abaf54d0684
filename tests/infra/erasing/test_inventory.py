"""No column is forgotten: each that could name somebody has a fate, and the statements keep to it."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.migrations import SQL_FOLDER
from infra.erasing.statements import EMPTIED, LAST, MASKED
from tests.infra.erasing.inventory import FATES

_COLUMNS = text("""
SELECT table_name, column_name FROM information_schema.columns
JOIN pg_tables ON schemaname = table_schema AND tablename = table_name
WHERE table_schema = 'public' AND data_type IN (
    'text', 'character varying', 'json', 'jsonb', 'bytea', 'ARRAY', 'double precision', 'point', 'inet')
""")
FUNCTIONS = [
    (SQL_FOLDER / name).read_text(encoding="utf-8")
    for name in ("0035a_erasing_words.sql", "0039_proofs.sql")
]
"""The only statements on tables that the application may not change."""
STATEMENTS = "\n;\n".join((*MASKED.values(), *LAST.values(), *FUNCTIONS))


async def columns_of(engine: AsyncEngine) -> set[tuple[str, str]]:
    async with engine.connect() as connection:
        return {(row[0], row[1]) for row in await connection.execute(_COLUMNS)}


async def test_every_column_that_could_name_somebody_has_a_fate(engine: AsyncEngine) -> None:
    undecided = sorted(
        f"{table}.{column}"
        for table, column in await columns_of(engine)
        if table not in FATES or not FATES[table].names(column)
    )
    assert not undecided, (
        f"say in tests/infra/erasing/inventory.py what an erasure does to {undecided}, and do it in "
        "infra/erasing/statements.py"
    )


async def test_no_word_is_about_a_column_that_is_gone(engine: AsyncEngine) -> None:
    columns = await columns_of(engine)
    named = {
        (table, column)
        for table, fate in FATES.items()
        for column in f"{fate.overwritten} {' '.join(fate.kept.values())}".split()
        if column != "*"
    }
    assert named - columns == set()


@pytest.mark.parametrize("table", [name for name, fate in FATES.items() if fate.goes])
def test_what_goes_is_deleted(table: str) -> None:
    assert table in EMPTIED or table in re.findall(r"DELETE FROM (\w+)", STATEMENTS)


@pytest.mark.parametrize(
    ("table", "column"),
    [(name, column) for name, fate in FATES.items() for column in fate.overwritten.split()],
)
def test_what_is_overwritten_is_set_by_a_statement(table: str, column: str) -> None:
    changes = re.findall(rf"UPDATE {table}\b\s+SET\s(.*?)(?=;|\Z)", STATEMENTS, re.DOTALL)
    assert any(re.search(rf"\b{column} = ", change) for change in changes)
