"""Forgetting is one activity, started every hour."""

from __future__ import annotations

from temporalio.testing import WorkflowEnvironment

from domain.ids import FORGETTING_ID
from domain.visibility import TaskQueue
from infra.forgetting import schedule_forgetting
from infra.identifiers import new_id
from workflows.forgetting import ForgettingWorkflow


async def test_a_run_says_how_much_it_has_removed(
    temporal: WorkflowEnvironment, polling: None
) -> None:
    forgotten = await temporal.client.execute_workflow(
        ForgettingWorkflow.run, id=f"{FORGETTING_ID}-{new_id()}", task_queue=TaskQueue.SAGAS
    )
    assert forgotten.keys >= 0
    assert forgotten.buckets >= 0


async def test_the_schedule_is_made_once_and_kept_up_to_date(
    temporal: WorkflowEnvironment,
) -> None:
    await schedule_forgetting(temporal.client)
    await schedule_forgetting(temporal.client)
    handle = temporal.client.get_schedule_handle(FORGETTING_ID)
    (interval,) = (await handle.describe()).schedule.spec.intervals
    assert interval.every.total_seconds() == 3_600
    await handle.delete()
