"""Moves one delivery through time: its workflows at Temporal, and the sandbox provider's clock.

Temporal itself moves the clock of a workflow, timer by timer, so no saga knows of it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from google.protobuf.duration_pb2 import Duration
from google.protobuf.field_mask_pb2 import FieldMask
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import FastForwardConfig, TimeSkippingConfig, WorkflowExecution
from temporalio.api.workflow.v1 import WorkflowExecutionOptions
from temporalio.api.workflowservice.v1 import UpdateWorkflowExecutionOptionsRequest
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.service import RPCError, RPCStatusCode

from domain.ids import (
    ChargebackId,
    DeliveryId,
    DisputeId,
    PersonId,
    chargeback_workflow_id,
    delivery_workflow_id,
    dispute_workflow_id,
    erasure_workflow_id,
)
from infra.identifiers import new_id
from infra.payments.sandbox_clock import SandboxClock
from infra.webhooks.inbox import Inbox

ARRIVAL_S_MAX = 8.0
"""Longest wait until a delivery has got where it was moved to, in seconds."""
LOOK_AGAIN_S = 0.03
"""Pause between two looks at a clock that is moved on."""
JUMPS_MAX = 2_000
"""Timers that may run out on the way: a chargeback of 90 days is read some hundred times."""
NEAR = timedelta(milliseconds=500)
"""Clocks that differ by less are the same."""
WORK_MAX = timedelta(minutes=1)
"""Longest time that the work on the way takes; who lags further behind has not got there."""

_SUBJECTS = text("""
SELECT (SELECT dispute_id FROM delivery WHERE delivery_id = CAST(:delivery_id AS uuid)),
    ARRAY(SELECT chargeback_id FROM chargeback WHERE delivery_id = CAST(:delivery_id AS uuid)),
    ARRAY(SELECT erasure_request.person_id FROM erasure_request JOIN delivery
        ON person_id IN (customer_id, sender_id, recipient_id, traveler_id)
        WHERE delivery_id = CAST(:delivery_id AS uuid)
            AND erasure_request.status IN ('cooling_off', 'waiting'))
""")


class ClocksStandStill(Exception):
    """The Temporal server does not let clocks be moved."""


@dataclass(frozen=True, slots=True)
class Moved:
    """Where a delivery is in time."""

    now: datetime
    """What the delivery's clock says."""
    ahead: timedelta
    """How far that is from everybody's clock."""
    arrived: bool
    """Whether everything on the way has happened already; otherwise it is about to."""


@dataclass(frozen=True, slots=True)
class _Clock:
    """What a workflow that runs says about its clock."""

    ahead: timedelta
    waits_for_child: bool
    """A workflow that waits for another one stands still; it catches up when that one is over."""
    is_moving: bool
    """Whether it is still on its way to where it was moved to."""


class DeliveryClocks:
    """The clocks of deliveries in sandbox mode."""

    def __init__(self, engine: AsyncEngine, client: Client) -> None:
        self._engine, self._client = engine, client
        self._sandbox, self._inbox = SandboxClock(engine), Inbox(engine)

    async def advance(self, delivery_id: DeliveryId, request_key: str, by: timedelta) -> Moved:
        """Move a delivery on, and with it all that belongs to it.

        Raises:
            ClocksStandStill: the server was not told to allow it; nothing has moved.
            RPCError: the server does not answer; the same request goes on where this one stopped.
        Idempotency: the same request moves the delivery once.
        """
        ahead = await self._sandbox.advance(delivery_id, request_key, by)
        workflows = await self._workflows(delivery_id)
        try:
            arrived = await asyncio.gather(*(self._forward(each, ahead) for each in workflows))
        except ClocksStandStill:
            await self._sandbox.take_back(delivery_id, request_key)
            raise
        news = await self._sandbox.lapse(delivery_id)
        if news:
            await self._inbox.receive("sandbox", news, "webhook")
        return Moved(datetime.now(UTC) + ahead, ahead, all(arrived))

    async def _workflows(self, delivery_id: DeliveryId) -> Sequence[WorkflowHandle[object, object]]:
        async with self._engine.connect() as connection:
            found = await connection.execute(_SUBJECTS, {"delivery_id": delivery_id})
            dispute_id, chargebacks, leaving = found.one()
        names = [delivery_workflow_id(delivery_id)]
        if dispute_id is not None:
            names.append(dispute_workflow_id(DisputeId(str(dispute_id))))
        names += [chargeback_workflow_id(ChargebackId(str(each))) for each in chargebacks]
        names += [erasure_workflow_id(PersonId(str(each))) for each in leaving]
        return [self._client.get_workflow_handle(name) for name in names]

    async def _forward(self, handle: WorkflowHandle[object, object], ahead: timedelta) -> bool:
        """Move one workflow to where it should be; return whether it has got there."""
        clock = await self._clock_of(handle)
        if clock is None or ahead - clock.ahead < NEAR:
            return True
        await self._set(handle, ahead - clock.ahead)
        try:
            async with asyncio.timeout(ARRIVAL_S_MAX):
                while (clock := await self._clock_of(handle)) is not None and clock.is_moving:
                    if clock.waits_for_child:
                        return True
                    await asyncio.sleep(LOOK_AGAIN_S)
        except TimeoutError:
            return False
        # The time that the work on the way took is no distance; one timer too many would be.
        return clock is None or ahead - clock.ahead < WORK_MAX

    async def _clock_of(self, handle: WorkflowHandle[object, object]) -> _Clock | None:
        """Return the clock of a workflow, or none when it is over or was never there."""
        try:
            found = await handle.describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        if found.status is not WorkflowExecutionStatus.RUNNING:
            return None
        raw = found.raw_description
        extended, waits = raw.workflow_extended_info, bool(raw.pending_children)
        if not extended.HasField("time_skipping_info"):
            return _Clock(timedelta(0), waits, is_moving=False)
        info = extended.time_skipping_info
        ahead = info.current_time.ToDatetime(UTC) - datetime.now(UTC)
        return _Clock(ahead, waits, is_moving=info.effective_config.enabled)

    async def _set(self, handle: WorkflowHandle[object, object], by: timedelta) -> None:
        """Ask the server to move a clock on."""
        span = Duration()
        span.FromTimedelta(by)
        config = TimeSkippingConfig(
            enabled=True,
            # A dispute begins with its delivery's clock; from there on it is moved by itself.
            disable_propagation=True,
            max_session_skip_count=JUMPS_MAX,
            fast_forward_config=FastForwardConfig(id=new_id(), duration=span),
        )
        request = UpdateWorkflowExecutionOptionsRequest(
            namespace=self._client.namespace,
            workflow_execution=WorkflowExecution(workflow_id=handle.id),
            workflow_execution_options=WorkflowExecutionOptions(time_skipping_config=config),
            update_mask=FieldMask(paths=["time_skipping_config"]),
            identity=self._client.identity,
        )
        try:
            await self._client.workflow_service.update_workflow_execution_options(
                request, retry=True
            )
        except RPCError as error:
            if error.status is RPCStatusCode.UNIMPLEMENTED:
                raise ClocksStandStill(error.message) from error
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
