"""Starts the workflow of an emergency override, and sends it what staff decide."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.access.asking import asking
from api.access.claims import Claim
from api.commands import COMMAND_WAIT_S_MAX
from api.edge.problems import Problem, unavailable
from domain.contracts import Actor
from domain.errors import RefusalCode
from domain.ids import override_workflow_id
from domain.overriding.rules import DecideOverride, OverrideOrder, OverrideStanding
from domain.visibility import TaskQueue
from infra.overriding.approvals import GivenApproval

DECIDING_S_MAX = 25.0
"""Longest wait for an approval: its delivery may have to take the payment first."""


async def ask_override(client: Client, order: OverrideOrder, update_id: str) -> OverrideStanding:
    """Start an override, unless it was started, and wait until it is on record.

    Raises:
        Problem: it is refused, or the platform cannot answer right now.
    """
    operation: WithStartWorkflowOperation[object, object] = WithStartWorkflowOperation(
        "override",
        order,
        id=override_workflow_id(order.override_id),
        task_queue=TaskQueue.SAGAS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        # A repeated request must never ask again for what was decided since.
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        static_summary=f"Emergency override of a {order.step}",
    )
    started = client.execute_update_with_start_workflow(
        "open",
        start_workflow_operation=operation,
        id=update_id,
        result_type=OverrideStanding,
    )
    return await _answer(client, started, order.override_id, update_id, COMMAND_WAIT_S_MAX)


def approval_in(claimed: Claim, override_id: str, actor: Actor) -> GivenApproval:
    """Return what the request under way approves, with what its person has shown who they are by."""
    found = asking()
    assert found is not None, "the route declares what it does"
    return GivenApproval(
        approval_id=claimed.resource_id,
        override_id=override_id,
        actor=actor,
        credential=str(found.credential),
        session_id=found.session_id,
        step_up_id=found.step_up_id,
    )


async def decide_override(
    client: Client, override_id: str, update: str, command: DecideOverride, update_id: str
) -> OverrideStanding:
    """Approve, refuse or withdraw an override, and return where it stands then.

    Raises:
        Problem: it is refused, over, or the platform cannot answer right now.
    """
    handle = client.get_workflow_handle(override_workflow_id(override_id))
    sent = handle.execute_update(update, command, id=update_id, result_type=OverrideStanding)
    return await _answer(client, sent, override_id, update_id, DECIDING_S_MAX)


async def _answer(
    client: Client,
    asked: Awaitable[OverrideStanding],
    override_id: str,
    update_id: str,
    wait_s_max: float,
) -> OverrideStanding:
    try:
        async with asyncio.timeout(wait_s_max):
            try:
                return await asked
            except WorkflowAlreadyStartedError:
                return await _earlier(client, override_id, update_id)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                return await _earlier(client, override_id, update_id)
    except WorkflowUpdateFailedError as error:
        raise _problem_of(error) from error
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError, RuntimeError) as error:
        raise unavailable() from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise Problem(RefusalCode.WRONG_STATE, "This override is over.") from error
        raise unavailable() from error


async def _earlier(client: Client, override_id: str, update_id: str) -> OverrideStanding:
    """Return what an earlier try of the same request was answered by a workflow that has ended."""
    handle = client.get_workflow_handle(override_workflow_id(override_id))
    earlier: OverrideStanding = await handle.get_update_handle(
        update_id, result_type=OverrideStanding
    ).result()
    return earlier


def _problem_of(error: WorkflowUpdateFailedError) -> Problem:
    """Return a refusal as a problem; it names where the override stands, and no delivery does."""
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        return unavailable()
    try:
        return Problem(RefusalCode(cause.type or ""), cause.message)
    except ValueError:
        return unavailable()
