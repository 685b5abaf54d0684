"""Starts the workflow that erases a person, and takes the request back."""

from __future__ import annotations

import asyncio
from typing import Any

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from api.commands import COMMAND_WAIT_S_MAX
from api.edge.problems import Problem, unavailable
from domain.erasing.rules import ErasureOrder
from domain.errors import RefusalCode
from domain.ids import PersonId, erasure_workflow_id
from domain.visibility import TaskQueue


async def request_erasure(client: Client, order: ErasureOrder, update_id: str) -> None:
    """Start the erasure, unless one is under way, and wait until it is written down.

    Raises:
        Problem: the platform cannot answer right now.
    """
    operation: WithStartWorkflowOperation[Any, Any] = WithStartWorkflowOperation(
        "erasure",
        order,
        id=erasure_workflow_id(order.person_id),
        task_queue=TaskQueue.SAGAS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="Erases a person who asked for it",
    )
    try:
        async with asyncio.timeout(COMMAND_WAIT_S_MAX):
            await client.execute_update_with_start_workflow(
                "request", start_workflow_operation=operation, id=update_id
            )
    except (*_UNANSWERED, WorkflowUpdateFailedError) as error:
        raise unavailable() from error


async def withdraw_erasure(client: Client, person_id: PersonId) -> None:
    """Take the request back.

    Raises:
        Problem: `no_erasure`, `erasure_binding`, or the platform cannot answer right now.
    """
    handle = client.get_workflow_handle(erasure_workflow_id(person_id))
    try:
        async with asyncio.timeout(COMMAND_WAIT_S_MAX):
            await handle.execute_update("withdraw")
    except WorkflowUpdateFailedError as error:
        raise _problem_of(error) from error
    except RPCError as error:
        raise no_erasure() if error.status is RPCStatusCode.NOT_FOUND else unavailable() from error
    except _UNANSWERED as error:
        raise unavailable() from error


def no_erasure() -> Problem:
    """Return the refusal where none was asked for."""
    return Problem(RefusalCode.NO_ERASURE, "You have not asked to be erased.")


def _problem_of(error: WorkflowUpdateFailedError) -> Problem:
    cause = error.cause
    refused = isinstance(cause, ApplicationError) and cause.type == RefusalCode.ERASURE_BINDING
    if not refused:
        return no_erasure()
    return Problem(RefusalCode.ERASURE_BINDING, "The week in which it can be taken back is over.")


_UNANSWERED = (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, RPCError, RuntimeError)
