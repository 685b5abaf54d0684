"""Has the hourly root signed by a schedule of Temporal."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client, ScheduleActionStartWorkflow

from domain.auditing.roots import RootPolicy
from domain.ids import AUDIT_ROOT_ID
from domain.visibility import TaskQueue
from infra.schedules import keep_schedule


async def schedule_roots(client: Client) -> None:
    """Have the heads of all chains of the audit signed at every hour."""
    policy = RootPolicy()
    action = ScheduleActionStartWorkflow(
        "audit_root",
        id=AUDIT_ROOT_ID,
        task_queue=TaskQueue.SAGAS,
        execution_timeout=timedelta(seconds=policy.run_s_max),
        static_summary="Signs how all chains of the audit stand",
    )
    await keep_schedule(
        client,
        AUDIT_ROOT_ID,
        action,
        every=timedelta(seconds=policy.every_s),
        catch_up=timedelta(seconds=policy.catch_up_s),
    )
