"""The workflow that forgets what only served requests; a schedule starts it."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.forgetting import ForgettingActivities
    from domain.forgetting import ForgettingPolicy, Forgotten
    from domain.visibility import TaskQueue

HEARTBEAT_S_MAX = 15
"""A worker that is silent for this long is lost; another one goes on."""

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=2))


@workflow.defn(name="forgetting")
class ForgettingWorkflow:
    """One round over all tables that would grow for ever."""

    @workflow.run
    async def run(self) -> Forgotten:
        """Remove what has served and return how much it was."""
        forgotten = await workflow.execute_activity_method(
            ForgettingActivities.forget_served,
            task_queue=TaskQueue.RECONCILIATION,
            schedule_to_close_timeout=timedelta(seconds=ForgettingPolicy().run_s_max),
            heartbeat_timeout=timedelta(seconds=HEARTBEAT_S_MAX),
            retry_policy=_RETRY,
            summary="forget what has served",
        )
        workflow.set_current_details(
            f"Removed {forgotten.keys} idempotency keys and {forgotten.buckets} full buckets."
        )
        return forgotten
