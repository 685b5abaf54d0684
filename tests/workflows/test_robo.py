"""A run of the robots ends in any case, and never with real money."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.robo import RoboActivities
from domain.robo import RunState
from domain.visibility import TaskQueue
from infra.identifiers import new_id
from infra.polling import polling
from tests.temporal_server import start_temporal
from workflows.robo import RoboWorkflow

RUN = new_id()


class Robots:
    """Robots of which the first try ends with their worker, and that may be lost for good."""

    def __init__(self, *, lost: bool = False) -> None:
        self.tries, self.given_up, self._lost = 0, "", lost

    async def play(self, run_id: str) -> RunState:
        self.tries += 1
        if self._lost:
            raise ApplicationError(f"{run_id} cannot be played", non_retryable=True)
        if self.tries == 1:
            raise ConnectionError
        return RunState.MET

    async def give_up(self, run_id: str) -> RunState:
        self.given_up = run_id
        return RunState.FAILED


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server of this file's own: nobody else's robots poll there."""
    async with await start_temporal() as environment:
        yield environment


async def play(server: WorkflowEnvironment, robots: Robots | None) -> str:
    activities, queue = RoboActivities(robots), f"robo-{new_id()}"
    workers = (
        Worker(server.client, task_queue=queue, workflows=[RoboWorkflow]),
        Worker(
            server.client,
            task_queue=TaskQueue.ROBO,
            activities=[activities.play_scenario, activities.give_up_scenario],
        ),
    )
    async with polling(*workers):
        return await server.client.execute_workflow(
            RoboWorkflow.run, RUN, id=f"robo:{new_id()}", task_queue=queue
        )


async def test_a_run_goes_on_after_its_worker_has_ended(server: WorkflowEnvironment) -> None:
    robots = Robots()
    assert await play(server, robots) == RunState.MET
    assert robots.given_up == ""


async def test_a_run_that_gets_nowhere_is_given_up(server: WorkflowEnvironment) -> None:
    robots = Robots(lost=True)
    assert await play(server, robots) == RunState.FAILED
    assert (robots.tries, robots.given_up) == (1, RUN)


async def test_robots_never_play_with_real_money(server: WorkflowEnvironment) -> None:
    with pytest.raises(WorkflowFailureError):
        await play(server, None)
