"""Runs of the robots: only so many at once, each goes on where it stopped, the first word stays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.robo import RUNS_AT_ONCE_MAX, RunState
from infra.identifiers import new_id
from infra.robo.robots import SandboxRobots
from infra.robo.runs import RobotRuns
from infra.robo.scenarios import SCENARIOS
from tests.keys import ENCRYPTION

NOWHERE = "http://127.0.0.1:9"


@pytest.fixture
async def runs(engine: AsyncEngine) -> AsyncIterator[RobotRuns]:
    """Return the runs of a database in which none plays, before and after."""
    await _end_all(engine)
    yield RobotRuns(engine)
    await _end_all(engine)


async def _end_all(engine: AsyncEngine) -> None:
    ended = (
        "UPDATE sandbox_robo_run SET state = 'failed', finished_at = now() WHERE state = 'playing'"
    )
    async with engine.begin() as connection:
        await connection.execute(text(ended))


async def begin(runs: RobotRuns, run_id: str) -> bool:
    return await runs.begin(run_id, "happy", 10, new_id())


async def test_no_more_play_at_once_than_may(runs: RobotRuns) -> None:
    names = [new_id() for _ in range(RUNS_AT_ONCE_MAX + 3)]
    begun = await asyncio.gather(*(begin(runs, name) for name in names))
    assert sum(begun) == RUNS_AT_ONCE_MAX
    first = names[begun.index(True)]
    assert await begin(runs, first)
    await runs.finish(first, RunState.MET)
    assert await begin(runs, new_id())


async def test_a_run_knows_what_was_done_and_what_for(runs: RobotRuns) -> None:
    run_id, steps = new_id(), SCENARIOS["happy"].steps
    await begin(runs, run_id)
    await runs.note(run_id, 1, steps[0], {"traveler": "t"})
    await runs.note(run_id, 2, steps[1], {"traveler": "t", "delivery": "d"})
    await runs.note(run_id, 2, steps[1], {"traveler": "t", "delivery": "d"})
    run = await runs.find(run_id)
    assert run is not None
    assert [(step.number, step.told) for step in run.steps] == [
        (number, step.tells) for number, step in enumerate(steps[:2], 1)
    ]
    assert run.memory == {"traveler": "t", "delivery": "d"}


async def test_how_a_run_ended_is_said_once(runs: RobotRuns, engine: AsyncEngine) -> None:
    run_id = new_id()
    await begin(runs, run_id)
    await runs.finish(run_id, RunState.FAILED, "the parcel is still there")
    await runs.finish(run_id, RunState.MET)
    run = await runs.find(run_id)
    assert run is not None
    assert (run.state, run.verdict) == (RunState.FAILED, "the parcel is still there")
    assert await SandboxRobots(engine, NOWHERE, ENCRYPTION).play(run_id) is RunState.FAILED


async def test_a_scenario_that_is_gone_fails_its_runs(runs: RobotRuns, engine: AsyncEngine) -> None:
    run_id = new_id()
    await runs.begin(run_id, "forgotten", 10, new_id())
    assert await SandboxRobots(engine, NOWHERE, ENCRYPTION).play(run_id) is RunState.FAILED
    run = await runs.find(run_id)
    assert run is not None
    assert "no such scenario" in run.verdict
