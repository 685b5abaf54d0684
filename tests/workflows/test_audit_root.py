"""The hourly root is signed by one activity, and a copy of it stays in the workflow."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from domain.auditing.roots import read_statement
from domain.ids import AUDIT_ROOT_ID
from domain.visibility import TaskQueue
from infra.audit.scheduling import schedule_roots
from infra.database.schema import audit_root
from infra.identifiers import new_id
from workflows.audit_root import AuditRootWorkflow


async def test_a_run_returns_the_root_that_it_has_signed(
    temporal: WorkflowEnvironment, engine: AsyncEngine, polling: None
) -> None:
    root = await temporal.client.execute_workflow(
        AuditRootWorkflow.run, id=f"{AUDIT_ROOT_ID}-{new_id()}", task_queue=TaskQueue.SAGAS
    )
    sequence = read_statement(root.statement).sequence
    query = select(audit_root).where(audit_root.c.sequence == sequence)
    async with engine.connect() as connection:
        kept = (await connection.execute(query)).one()
    assert (kept.body, kept.key_id) == (root.statement, root.key_id)
    assert bytes(kept.signature).hex() == root.signature


async def test_the_schedule_is_made_once_and_kept_up_to_date(
    temporal: WorkflowEnvironment,
) -> None:
    await schedule_roots(temporal.client)
    await schedule_roots(temporal.client)
    handle = temporal.client.get_schedule_handle(AUDIT_ROOT_ID)
    (interval,) = (await handle.describe()).schedule.spec.intervals
    assert interval.every.total_seconds() == 3_600
    await handle.delete()
