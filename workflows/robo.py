"""One run of the robo traveler: it goes on after its worker has ended, and it ends in any case."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.robo import RoboActivities
    from domain.visibility import TaskQueue

HEARTBEAT_S_MAX = 10
"""A worker that is silent for this long is lost; another one goes on."""
RUN_S_MAX = 1_800
"""Longest time for a run: the longest scenario takes five minutes at a person's pace."""
CLOSE_S_MAX = 600
"""Longest time to note that a run was given up: a database away for longer has other troubles."""

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))


@workflow.defn(name="robo")
class RoboWorkflow:
    """Plays one scenario."""

    @workflow.run
    async def run(self, run_id: str) -> str:
        """Return how the run ended; the story itself is in the database."""
        try:
            return await workflow.execute_activity_method(
                RoboActivities.play_scenario,
                run_id,
                task_queue=TaskQueue.ROBO,
                schedule_to_close_timeout=timedelta(seconds=RUN_S_MAX),
                heartbeat_timeout=timedelta(seconds=HEARTBEAT_S_MAX),
                retry_policy=_RETRY,
                summary="play the scenario",
            )
        except ActivityError as failure:
            if is_cancelled_exception(failure):
                raise
            return await workflow.execute_activity_method(
                RoboActivities.give_up_scenario,
                run_id,
                task_queue=TaskQueue.ROBO,
                schedule_to_close_timeout=timedelta(seconds=CLOSE_S_MAX),
                retry_policy=_RETRY,
                summary="give it up",
            )
