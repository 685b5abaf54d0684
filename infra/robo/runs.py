"""Runs of the robo traveler in the database: begun, noted step by step, ended."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.robo import RUNS_AT_ONCE_MAX, RunState
from infra.robo.scenario import Step

# Whoever comes second waits for the first, so that both see the same number of runs.
_LINE = text("SELECT pg_advisory_xact_lock(hashtext('sandbox_robo_run'))")
_BEGIN = text("""
INSERT INTO sandbox_robo_run (run_id, scenario, speed, asked_by)
SELECT :run_id, :scenario, :speed, :asked_by
WHERE (SELECT count(*) FROM sandbox_robo_run
    WHERE state = 'playing' AND created_at > now() - interval '1 hour') < :at_once
ON CONFLICT (run_id) DO NOTHING
""")
_FIND = text("SELECT * FROM sandbox_robo_run WHERE run_id = :run_id")
_STEPS = text(
    "SELECT number, who, told, at FROM sandbox_robo_step WHERE run_id = :run_id ORDER BY number"
)
_NOTE = text("""
WITH noted AS (
    INSERT INTO sandbox_robo_step (run_id, number, who, told)
    VALUES (:run_id, :number, :who, :told) ON CONFLICT DO NOTHING
)
UPDATE sandbox_robo_run SET memory = CAST(:memory AS jsonb) WHERE run_id = :run_id
""")
_FINISH = text("""
UPDATE sandbox_robo_run SET state = :state, verdict = :verdict, finished_at = now()
WHERE run_id = :run_id AND state = 'playing'
""")


@dataclass(frozen=True, slots=True)
class NotedStep:
    """One step that was done."""

    number: int
    who: str
    told: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Run:
    """One run as it stands."""

    run_id: str
    scenario: str
    speed: int
    asked_by: str
    created_at: datetime
    state: RunState = RunState.PLAYING
    verdict: str = ""
    """What was not as it should be."""
    finished_at: datetime | None = None
    memory: Mapping[str, str] = field(default_factory=dict)
    steps: Sequence[NotedStep] = ()


class RobotRuns:
    """The runs that were asked for."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def begin(self, run_id: str, scenario: str, speed: int, asked_by: str) -> bool:
        """Begin a run and return whether it is there now: not when too many play already.

        Idempotency: a run that has begun stays as it is.
        """
        values = {
            "run_id": run_id,
            "scenario": scenario,
            "speed": speed,
            "asked_by": asked_by,
            "at_once": RUNS_AT_ONCE_MAX,
        }
        async with self._engine.begin() as connection:
            await connection.execute(_LINE)
            await connection.execute(_BEGIN, values)
        return await self.find(run_id) is not None

    async def find(self, run_id: str) -> Run | None:
        """Return a run with its steps, or none when it was never begun."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_FIND, {"run_id": run_id})).one_or_none()
            if row is None:
                return None
            steps = await connection.execute(_STEPS, {"run_id": run_id})
            return _run(row, [NotedStep(*step) for step in steps])

    async def note(self, run_id: str, number: int, step: Step, memory: Mapping[str, str]) -> None:
        """Note that a step is done, and what is known since."""
        values = {
            "run_id": run_id,
            "number": number,
            "who": step.who,
            "told": step.tells,
            "memory": json.dumps(dict(memory)),
        }
        async with self._engine.begin() as connection:
            await connection.execute(_NOTE, values)

    async def finish(self, run_id: str, state: RunState, verdict: str = "") -> None:
        """Note how a run ended; the first word stays."""
        values = {"run_id": run_id, "state": str(state), "verdict": verdict}
        async with self._engine.begin() as connection:
            await connection.execute(_FINISH, values)


def _run(row: Row[Any], steps: Sequence[NotedStep]) -> Run:
    return Run(
        run_id=str(row.run_id),
        scenario=row.scenario,
        speed=row.speed,
        asked_by=str(row.asked_by),
        created_at=row.created_at,
        state=RunState(row.state),
        verdict=row.verdict,
        finished_at=row.finished_at,
        memory=row.memory,
        steps=steps,
    )
