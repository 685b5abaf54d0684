"""People who ask to be erased, on a real server."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from temporalio.client import WithStartWorkflowOperation, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.testing import WorkflowEnvironment

from domain.erasing.rules import ErasureOrder, ErasureStatus
from domain.ids import PersonId, erasure_workflow_id
from domain.visibility import TaskQueue
from infra.database.schema import erasure_request
from infra.identifiers import new_id
from tests.waiting import until
from tests.workflows.play import Play, is_idle
from workflows.erasure import ErasureWorkflow

WEEK = timedelta(days=7, seconds=1)


async def erased_after_a_week(environment: WorkflowEnvironment, person_id: str) -> str:
    """Let the week pass in which somebody may think again, and return how the erasure ended."""
    handle: WorkflowHandle[Any, ErasureStatus] = environment.client.get_workflow_handle_for(
        ErasureWorkflow.run, erasure_workflow_id(PersonId(person_id))
    )
    await until(lambda: is_idle(handle))
    await environment.fast_forward(handle, WEEK)
    return await handle.result()


@dataclass
class Erasing:
    """The request of the customer of a delivery."""

    play: Play
    order: ErasureOrder = field(init=False)

    def __post_init__(self) -> None:
        self.order = ErasureOrder(self.play.order.customer_id, new_id(), datetime.now(UTC))

    @property
    def handle(self) -> WorkflowHandle[Any, ErasureStatus]:
        return self.play.environment.client.get_workflow_handle_for(
            ErasureWorkflow.run, erasure_workflow_id(self.order.person_id)
        )

    async def ask(self) -> None:
        operation = WithStartWorkflowOperation(
            ErasureWorkflow.run,
            self.order,
            id=erasure_workflow_id(self.order.person_id),
            task_queue=TaskQueue.SAGAS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        await self.play.environment.client.execute_update_with_start_workflow(
            ErasureWorkflow.request, start_workflow_operation=operation
        )

    async def withdraw(self) -> None:
        await self.handle.execute_update(ErasureWorkflow.withdraw)

    async def row(self) -> dict[str, Any]:
        query = select(erasure_request).where(erasure_request.c.erasure_id == self.order.erasure_id)
        async with self.play.engine.connect() as connection:
            return dict((await connection.execute(query)).mappings().one())

    async def is_waiting(self) -> bool:
        return bool((await self.row())["status"] == ErasureStatus.WAITING)
