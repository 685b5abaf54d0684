"""Every step of every exit fails in every way, and nothing of it is left behind.

A new step needs one row in `tests/faults/rows.py`; a new exit is found by its kept order of commands.
`FAULTS=all .venv/bin/pytest tests/faults` tries every fault at every step of every exit.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator

import pytest

from infra.database.engine import create_engine
from infra.settings import Settings
from tests.faults.installation import Installation, installed
from tests.faults.playing import Outcome, outcome_of
from tests.faults.rows import Cell, Row, cells_of, rows, uncovered
from tests.money_machine.report import FAULTS
from tests.quiet import without_a_word, without_haste

AT_ONCE = 8
"""Deliveries in play at once: most of the time they wait for a second try."""
CONNECTIONS = 25


@pytest.fixture(scope="module")
def quiet() -> Iterator[None]:
    with without_a_word(), without_haste():
        yield


@pytest.fixture(scope="module")
async def installation(
    database_url: str, settings: Settings, quiet: None
) -> AsyncIterator[Installation]:
    engine = create_engine(database_url, application_name="faults", connections=CONNECTIONS)
    async with installed(engine, settings) as installation:
        yield installation
    await engine.dispose()


def test_every_step_has_a_row() -> None:
    assert not uncovered(), (
        "name an exit that takes each of these steps in tests/faults/rows.py; if there is none yet, "
        "play one in tests/histories and run make histories"
    )


@pytest.mark.parametrize("row", rows(), ids=str)
async def test_a_step_that_goes_wrong_leaves_nothing_behind(
    installation: Installation, row: Row, record_property: Callable[[str, object], None]
) -> None:
    cells, turns = list(cells_of(row)), asyncio.Semaphore(AT_ONCE)

    async def played(cell: Cell) -> Outcome:
        async with turns:
            return await outcome_of(installation, cell)

    outcomes = await asyncio.gather(*map(played, cells))
    struck = [each for each, end in zip(cells, outcomes, strict=True) if end.was_struck]
    problems = [problem for end in outcomes for problem in end.problems]
    faults, exits = {cell.fault for cell in struck}, {cell.exit for cell in struck}
    record_property(
        FAULTS,
        f"{row.saga} {row.step.name}: {len(faults)} faults at {len(exits)} exits in {len(struck)} "
        f"plays, {f'{len(problems)} problems' if problems else 'all clean'}",
    )
    assert not problems, "\n".join(problems)
