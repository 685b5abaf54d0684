"""Sends commands to the workflows and turns what can go wrong into problems."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import (
    SearchAttributePair,
    TypedSearchAttributes,
    WorkflowIDConflictPolicy,
    WorkflowIDReusePolicy,
)
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from api.edge.problems import Problem, unavailable
from api.gate import Gate
from domain.contracts import DecideDispute, DeliveryOrder, ReportArrival, Standing
from domain.correcting.rules import CorrectionOrder, CorrectionStanding
from domain.details import delivery_summary
from domain.errors import RefusalCode
from domain.ids import (
    ChargebackId,
    DeliveryId,
    DisputeId,
    chargeback_workflow_id,
    correction_workflow_id,
    delivery_workflow_id,
    dispute_workflow_id,
)
from domain.lifecycle import opening_standing
from domain.visibility import TaskQueue, attribute_values
from workflows.view import search_attribute_key

logger = logging.getLogger(__name__)

COMMAND_WAIT_S_MAX = 10.0
"""Longest wait for a workflow's answer; a client's own limit is usually thirty seconds."""
UPDATES_AT_ONCE = 4
"""Updates of one workflow that this process has under way at once. The server takes ten; each one
more makes it drop all ten, so that a crowd which tries again would keep any from getting through."""
START_WAIT_S = 0.1
"""Pause between two looks for the workflow of a dispute that was opened a moment ago."""

T = TypeVar("T")


class WorkflowGone(Exception):
    """No running workflow has this id, and none that has ended knows the update."""


class Commands:
    """The edge's way to the workflows.

    Idempotency: the update id makes a repeated command the same command; its answer is the same.
    """

    def __init__(self, client: Client, wait_s_max: float = COMMAND_WAIT_S_MAX) -> None:
        self._client = client
        self._wait_s_max = wait_s_max
        self._gate = Gate(UPDATES_AT_ONCE)

    async def open_delivery(self, order: DeliveryOrder, update_id: str) -> Standing:
        """Start the delivery's workflow, unless it runs already, and wait until it can be read.

        Raises:
            Problem: the platform cannot answer right now, or the workflow refuses.
        """
        workflow_id = delivery_workflow_id(order.delivery_id)

        async def start() -> Standing:
            opening: Standing = await self._client.execute_update_with_start_workflow(
                "open",
                start_workflow_operation=_start_of(order, workflow_id),
                id=update_id,
                result_type=Standing,
            )
            return opening

        return await self._answer(start, workflow_id, update_id, Standing)

    async def change_delivery(
        self, delivery_id: DeliveryId, name: str, command: object, update_id: str
    ) -> Standing:
        """Send a command to a delivery and return where it stands afterwards.

        Raises:
            Problem: the workflow refuses, is closed, or does not answer in time.
        """
        workflow_id = delivery_workflow_id(delivery_id)
        try:
            return await self._update(workflow_id, name, command, update_id, Standing)
        except WorkflowGone as error:
            raise Problem(RefusalCode.DELIVERY_CLOSED, "The delivery is closed.") from error

    async def change_dispute(
        self,
        dispute_id: DisputeId,
        name: str,
        command: object,
        update_id: str,
        result_type: type[T],
    ) -> T:
        """Send a step to a dispute and return its result.

        A dispute that was opened a moment ago may have no workflow yet; it is waited for.

        Raises:
            Problem: the workflow refuses, is closed, or does not answer in time.
        """
        workflow_id = dispute_workflow_id(dispute_id)
        try:
            async with asyncio.timeout(self._wait_s_max):
                await self._until_started(workflow_id)
                return await self._update(workflow_id, name, command, update_id, result_type)
        except WorkflowGone as error:
            is_verdict = isinstance(command, DecideDispute)
            code = RefusalCode.DISPUTE_ALREADY_DECIDED if is_verdict else RefusalCode.DISPUTE_CLOSED
            raise Problem(code, "This dispute has been decided already.") from error
        except (TimeoutError, RPCError, RuntimeError) as error:
            raise unavailable() from error

    async def change_chargeback(
        self, chargeback_id: ChargebackId, name: str, command: object, update_id: str
    ) -> Standing:
        """Send a command to a chargeback and return where it stands afterwards.

        Raises:
            Problem: the workflow refuses, is over, or does not answer in time.
        """
        workflow_id = chargeback_workflow_id(chargeback_id)
        try:
            return await self._update(workflow_id, name, command, update_id, Standing)
        except WorkflowGone as error:
            raise Problem(RefusalCode.WRONG_STATE, "This chargeback is over.") from error
        except Problem as problem:
            # A problem names where the delivery stands, and the workflow knows its own status only.
            problem.current_status = None
            raise

    async def order_correction(self, order: CorrectionOrder, update_id: str) -> CorrectionStanding:
        """Start a correction, unless it runs already, and wait until it is on record.

        Raises:
            Problem: the platform cannot answer right now, or the correction is refused.
        """
        workflow_id = correction_workflow_id(order.correction_id)

        async def start() -> CorrectionStanding:
            ordered: CorrectionStanding = await self._client.execute_update_with_start_workflow(
                "open",
                start_workflow_operation=_start_of_correction(order, workflow_id),
                id=update_id,
                result_type=CorrectionStanding,
            )
            return ordered

        try:
            return await self._answer(start, workflow_id, update_id, CorrectionStanding)
        except WorkflowGone as error:
            raise unavailable() from error

    async def resolve_correction(
        self, workflow_id: str, name: str, command: object, update_id: str
    ) -> CorrectionStanding:
        """Send a resolution to a correction and return where it stands afterwards.

        Raises:
            Problem: the correction refuses, is over, or does not answer in time.
        """
        try:
            return await self._update(workflow_id, name, command, update_id, CorrectionStanding)
        except WorkflowGone as error:
            raise Problem(
                RefusalCode.NOTHING_NEEDS_ATTENTION, "This correction is over."
            ) from error
        except Problem as problem:
            # The correction names where it stands itself; a problem says it of the delivery.
            problem.current_status = None
            raise

    async def report_arrival(self, delivery_id: DeliveryId, arrival: ReportArrival) -> None:
        """Tell a delivery that its traveler is near the destination; a closed one need not know.

        Raises:
            Problem: the platform cannot answer right now.
        """
        await self._signal(delivery_id, "report_arrival", arrival)

    async def report_sign(self, delivery_id: DeliveryId) -> None:
        """Tell a delivery that its traveler is heard of again; a closed one need not know.

        Raises:
            Problem: the platform cannot answer right now.
        """
        await self._signal(delivery_id, "traveler_heard")

    async def _signal(self, delivery_id: DeliveryId, name: str, *news: object) -> None:
        handle = self._client.get_workflow_handle(delivery_workflow_id(delivery_id))
        try:
            async with asyncio.timeout(self._wait_s_max):
                await handle.signal(name, args=news)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise unavailable() from error
        except (TimeoutError, RuntimeError) as error:
            raise unavailable() from error

    async def _until_started(self, workflow_id: str) -> None:
        handle = self._client.get_workflow_handle(workflow_id)
        while True:
            try:
                await handle.describe()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            else:
                return
            await asyncio.sleep(START_WAIT_S)

    async def _update(
        self, workflow_id: str, name: str, command: object, update_id: str, result_type: type[T]
    ) -> T:
        handle = self._client.get_workflow_handle(workflow_id)

        async def send() -> T:
            result: T = await handle.execute_update(
                name, command, id=update_id, result_type=result_type
            )
            return result

        return await self._answer(send, workflow_id, update_id, result_type)

    async def _answer(
        self,
        send: Callable[[], Awaitable[T]],
        workflow_id: str,
        update_id: str,
        result_type: type[T],
    ) -> T:
        """Send and wait for the answer until the time is up.

        The client itself tries again, with growing pauses, while a workflow has as many updates in
        flight as the server allows.
        """
        try:
            async with asyncio.timeout(self._wait_s_max), self._gate.through(workflow_id):
                try:
                    return await send()
                except WorkflowAlreadyStartedError:
                    return await self._earlier_answer(workflow_id, update_id, result_type)
                except RPCError as error:
                    if error.status is not RPCStatusCode.NOT_FOUND:
                        raise
                    return await self._earlier_answer(workflow_id, update_id, result_type)
        except WorkflowUpdateFailedError as error:
            raise _problem_of(error) from error
        except (
            TimeoutError,
            WorkflowUpdateRPCTimeoutOrCancelledError,
            RPCError,
            # What a client that connects at its first call raises while there is no server.
            RuntimeError,
        ) as error:
            logger.warning("a workflow did not answer: %s", type(error).__name__)
            raise unavailable() from error

    async def _earlier_answer(self, workflow_id: str, update_id: str, result_type: type[T]) -> T:
        """Return what an earlier try of the same command was answered by a workflow that ended."""
        handle = self._client.get_workflow_handle(workflow_id)
        try:
            earlier: T = await handle.get_update_handle(update_id, result_type=result_type).result()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                raise WorkflowGone(workflow_id) from error
            raise
        return earlier


def _problem_of(error: WorkflowUpdateFailedError) -> Problem:
    """Return a refusal as a problem with the status that the workflow named."""
    cause = error.cause
    if not isinstance(cause, ApplicationError):
        return unavailable()
    if cause.type == "AcceptedUpdateCompletedWorkflow":
        return Problem(RefusalCode.DELIVERY_CLOSED, "The delivery closed before it came to this.")
    try:
        code = RefusalCode(cause.type or "")
    except ValueError:
        logger.exception("a workflow failed an update: %s", cause.type, exc_info=error)
        return unavailable()
    status = next((item.get("status") for item in cause.details if isinstance(item, dict)), None)
    return Problem(code, cause.message, current_status=status)


def _start_of_correction(
    order: CorrectionOrder, workflow_id: str
) -> WithStartWorkflowOperation[Any, Any]:
    return WithStartWorkflowOperation(
        "correction",
        order,
        id=workflow_id,
        task_queue=TaskQueue.SAGAS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        # A repeated request must never move money again that has moved since.
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        static_summary=f"{order.kind.replace('_', ' ')} of {order.amount}",
    )


def _start_of(order: DeliveryOrder, workflow_id: str) -> WithStartWorkflowOperation[Any, Any]:
    values = attribute_values(order, opening_standing(order))
    attributes = [
        SearchAttributePair(search_attribute_key(name), value)
        for name, value in values.items()
        if value is not None
    ]
    return WithStartWorkflowOperation(
        "delivery",
        order,
        id=workflow_id,
        task_queue=TaskQueue.SAGAS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        # A repeated request must never open a delivery again that has closed since.
        id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
        search_attributes=TypedSearchAttributes(attributes),
        static_summary=delivery_summary(order),
    )
