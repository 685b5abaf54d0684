"""The dispatcher: events are handed on for ever, whatever happens in one shift."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowHandle
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.payment_ports import ProviderEvent, ProviderEventKind
from activities.webhook_ports import DispatchReport
from activities.webhooks import WebhookShift
from domain.policies import Policies
from domain.status import DeliveryStatus
from domain.visibility import TaskQueue
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from infra.polling import polling
from infra.settings import Settings
from infra.webhooks.inbox import Inbox
from tests.conftest import MakeParcel, MakePerson
from tests.temporal_server import start_temporal
from tests.waiting import until
from tests.workflows.play import Play, make_play
from worker import workers
from workflows.shifts import PAUSE_S
from workflows.webhook_dispatcher import SHIFTS_PER_RUN, WebhookDispatcherWorkflow

Handle = WorkflowHandle[WebhookDispatcherWorkflow, None]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server of this file's own: other workers poll the same queues on the session's."""
    async with await start_temporal() as environment:
        yield environment


class Shifts:
    """Activities under the names of the real ones, whose every shift goes as a test wants."""

    def __init__(self, *ends: DispatchReport | Exception, list_fault: bool = False) -> None:
        self.ends = list(ends)
        self.list_fault = list_fault
        self.runs: list[str] = []

    @activity.defn(name="catch_up_events")
    async def catch_up(self) -> DispatchReport:
        if self.list_fault:
            raise ApplicationError("the list cannot be read", non_retryable=True)
        return DispatchReport(missed=1)

    @activity.defn(name="dispatch_webhooks")
    async def dispatch(self, _: WebhookShift) -> DispatchReport:
        self.runs.append(activity.info().workflow_run_id or "")
        if not self.ends:
            await activity.wait_for_worker_shutdown()
            return DispatchReport()
        end = self.ends.pop(0)
        if isinstance(end, Exception):
            raise end
        return end


@asynccontextmanager
async def running(
    server: WorkflowEnvironment, shifts: Shifts, cached_workflows_max: int = 0
) -> AsyncIterator[Handle]:
    """Run a dispatcher and its workers; unless it is cached, every task replays the history."""
    client = server.client
    async with polling(
        Worker(
            client,
            task_queue=TaskQueue.SAGAS,
            workflows=[WebhookDispatcherWorkflow],
            max_cached_workflows=cached_workflows_max,
        ),
        Worker(
            client,
            task_queue=TaskQueue.WEBHOOKS,
            activities=[shifts.catch_up, shifts.dispatch],
        ),
    ):
        handle = await client.start_workflow(
            WebhookDispatcherWorkflow.run, id=f"dispatcher-{new_id()}", task_queue=TaskQueue.SAGAS
        )
        yield handle
        await handle.terminate()


async def details_of(handle: Handle) -> str:
    metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(metadata.current_details)


@pytest.fixture
async def play(
    server: WorkflowEnvironment,
    engine: AsyncEngine,
    settings: Settings,
    make_person: MakePerson,
    make_parcel: MakeParcel,
) -> AsyncIterator[Play]:
    """A delivery whose workers end with its test: a shift left behind would take the inbox of others."""
    async with polling(*workers(server.client, engine, settings, cached_workflows_max=0)):
        yield await make_play(server, engine, make_person, make_parcel, Policies())


async def test_an_event_has_the_charge_read_again_by_its_delivery(
    play: Play, server: WorkflowEnvironment, provider: SandboxProvider, engine: AsyncEngine
) -> None:
    await play.open()
    await play.submit()
    await play.accept("pm_sandbox_pending")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    charge_id = f"{play.order.delivery_id}:charge:1"
    await provider.settle(charge_id)
    handle = await server.client.start_workflow(
        WebhookDispatcherWorkflow.run, id=f"dispatcher-{new_id()}", task_queue=TaskQueue.SAGAS
    )
    settled = ProviderEvent(
        event_id=f"evt_{new_id()}",
        kind=ProviderEventKind.CHARGE,
        name="charge.settled_by_bank",
        object_id="unknown_to_us",
        happened_at=datetime.now(UTC),
        operation_id=charge_id,
    )
    await Inbox(engine).receive("sandbox", [settled, settled], "webhook")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    await handle.terminate()
    history = await play.handle.fetch_history()
    signals = [
        each
        for each in history.events
        if each.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    ]
    assert len(signals) == 1


async def test_the_workflow_starts_over_and_keeps_its_counts(server: WorkflowEnvironment) -> None:
    shifts = Shifts(*[DispatchReport(told=2, dead=1)] * SHIFTS_PER_RUN)

    async def has_started_over() -> bool:
        return len(set(shifts.runs)) == 2

    async with running(server, shifts, cached_workflows_max=10) as handle:
        await until(has_started_over)
        first = server.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
        last_event = (await first.fetch_history()).events[-1]
    carried = last_event.workflow_execution_continued_as_new_event_attributes.input
    totals = await server.client.data_converter.decode(carried.payloads, [DispatchReport])
    assert totals == [
        DispatchReport(told=2 * SHIFTS_PER_RUN, dead=SHIFTS_PER_RUN, missed=SHIFTS_PER_RUN)
    ]


async def test_a_shift_that_fails_for_good_is_followed_by_the_next(
    server: WorkflowEnvironment,
) -> None:
    shifts = Shifts(ApplicationError("the fault of one shift", non_retryable=True))

    async def has_failed() -> bool:
        return await _has_event(handle, EventType.EVENT_TYPE_TIMER_STARTED)

    async def has_gone_on() -> bool:
        return len(shifts.runs) > 1

    async with running(server, shifts) as handle:
        await until(has_failed)
        await server.fast_forward(handle, timedelta(seconds=PAUSE_S))
        await until(has_gone_on)
        assert "| Shifts that failed in this run | 1 |" in await details_of(handle)


async def test_a_list_that_cannot_be_read_keeps_no_event_waiting(
    server: WorkflowEnvironment,
) -> None:
    shifts = Shifts(DispatchReport(told=7, waiting=1), list_fault=True)

    async def is_in_second_shift() -> bool:
        return len(shifts.runs) > 1

    async with running(server, shifts) as handle:
        await until(is_in_second_shift)
        details = await details_of(handle)
    assert "| Told to a delivery or a chargeback | 7 |" in details
    assert "| Waiting for what is not built yet | 1 |" in details
    assert "| Readings of the list that failed in this run | 1 |" in details


async def _has_event(handle: WorkflowHandle[Any, Any], kind: EventType.ValueType) -> bool:
    history = await handle.fetch_history()
    return any(event.event_type == kind for event in history.events)
