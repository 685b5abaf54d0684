"""The workflow that reports the overrides of a week; a schedule starts it."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.overriding import OverrideActivities
    from domain.visibility import TaskQueue

RUN_S_MAX = 3_600
"""Longest time for a report with all its tries: it is one question to the database."""

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=5))


@workflow.defn(name="override-report")
class OverrideReportWorkflow:
    """Puts the overrides of the last week before staff; a week without one is not worth a word."""

    @workflow.run
    async def run(self) -> int:
        """Return how many overrides were asked for."""
        total = await workflow.execute_activity_method(
            OverrideActivities.report_overrides,
            task_queue=TaskQueue.WEBHOOKS,
            start_to_close_timeout=timedelta(seconds=60),
            schedule_to_close_timeout=timedelta(seconds=RUN_S_MAX),
            retry_policy=_RETRY,
            summary="report the overrides of the week",
        )
        workflow.set_current_details(f"{total} overrides. `sendalong override report` lists them.")
        return total
