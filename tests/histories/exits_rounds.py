"""The ways in which the workflows that a schedule starts can end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from temporalio.client import WorkflowHandle

from domain.ids import AUDIT_ROOT_ID, FORGETTING_ID
from domain.visibility import TaskQueue
from infra.identifiers import new_id
from tests.workflows.play import Play
from workflows.audit_root import AuditRootWorkflow
from workflows.forgetting import ForgettingWorkflow

Handle = WorkflowHandle[Any, Any]


async def signed(play: Play) -> Handle:
    return await _one_round(play, AuditRootWorkflow.run, AUDIT_ROOT_ID)


async def forgotten(play: Play) -> Handle:
    return await _one_round(play, ForgettingWorkflow.run, FORGETTING_ID)


async def _one_round(play: Play, run: Any, name: str) -> Handle:
    handle = await play.environment.client.start_workflow(
        run, id=f"{name}-{new_id()}", task_queue=TaskQueue.SAGAS
    )
    await handle.result()
    return handle


ROUND_EXITS: Mapping[str, Callable[[Play], Awaitable[Handle]]] = {
    "audit_root-signed": signed,
    "forgetting-served": forgotten,
}
