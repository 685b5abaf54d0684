"""Robots that play the runs which were asked for, at the public address of the API."""

from __future__ import annotations

import httpx
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.robo import RunState
from infra.encryption.parts import Encryption, encryption_of
from infra.robo.cast import Theatre
from infra.robo.playing import Player, ScenarioFailed
from infra.robo.runs import RobotRuns, Run
from infra.robo.scenario import Step
from infra.robo.scenarios import SCENARIOS
from infra.settings import Settings

WAIT_S_MAX = 30
"""Longest wait for one answer of the API, in seconds."""


class SandboxRobots:
    """Plays runs to their end, step by step, each noted before the next begins."""

    def __init__(self, engine: AsyncEngine, api_url: str, encryption: Encryption) -> None:
        self._engine, self._api_url, self._encryption = engine, api_url, encryption
        self._runs = RobotRuns(engine)

    async def play(self, run_id: str) -> RunState:
        """Play a run from where it stopped."""
        run = await self._runs.find(run_id)
        if run is None or run.state is not RunState.PLAYING:
            return RunState.FAILED if run is None else run.state
        verdict = await self._played(run)
        await self._runs.finish(run_id, RunState.FAILED if verdict else RunState.MET, verdict)
        return RunState.FAILED if verdict else RunState.MET

    async def give_up(self, run_id: str) -> RunState:
        """Close a run that took too long."""
        await self._runs.finish(run_id, RunState.FAILED, "it was not played to its end in time")
        return RunState.FAILED

    async def _played(self, run: Run) -> str:
        """Return what was not as it should be; nothing when all was."""
        scenario, memory = SCENARIOS.get(run.scenario), dict(run.memory)
        if scenario is None:
            return "there is no such scenario any more"

        async def note(number: int, step: Step) -> None:
            await self._runs.note(run.run_id, number, step, memory)

        async with httpx.AsyncClient(base_url=self._api_url, timeout=WAIT_S_MAX) as http:
            player = Player(
                Theatre(http, self._engine, self._encryption), run.run_id, run.speed, memory
            )
            try:
                await player.play(scenario, note, len(run.steps))
            except ScenarioFailed as failure:
                return str(failure)
        return ""


def robots_of(engine: AsyncEngine, settings: Settings) -> SandboxRobots | None:
    """Return the robots, or none where real money is moved."""
    if settings.payments != "sandbox":
        return None
    return SandboxRobots(engine, settings.public_url, encryption_of(settings))
