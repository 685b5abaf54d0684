"""Starts runs of the robo traveler: a row, then a workflow that plays it."""

from __future__ import annotations

from contextlib import suppress

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from domain.ids import robo_workflow_id
from domain.visibility import TaskQueue
from infra.robo.runs import RobotRuns, Run


class TooManyRuns(Exception):
    """As many runs play as may do so at once."""


class RobotStarts:
    """The way to a run, and to what became of it."""

    def __init__(self, engine: AsyncEngine, client: Client) -> None:
        self._runs, self._client = RobotRuns(engine), client

    async def start(self, run_id: str, scenario: str, speed: int, asked_by: str) -> Run:
        """Start a run.

        Raises:
            TooManyRuns: nothing was started.
            RPCError: Temporal does not answer; the same request starts it later.
        Idempotency: the same run is started once.
        """
        if not await self._runs.begin(run_id, scenario, speed, asked_by):
            raise TooManyRuns
        # A run that was played to its end is not played again.
        with suppress(WorkflowAlreadyStartedError):
            await self._client.start_workflow(
                "robo",
                run_id,
                id=robo_workflow_id(run_id),
                task_queue=TaskQueue.SAGAS,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                static_summary=f"Robots play {scenario}",
            )
        run = await self._runs.find(run_id)
        assert run is not None, "it has begun"
        return run

    async def find(self, run_id: str) -> Run | None:
        """Return a run with its steps, or none when there is none."""
        return await self._runs.find(run_id)
