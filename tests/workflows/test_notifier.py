"""The notifier: messages go out for ever, whatever happens in one shift."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowFailureError, WorkflowHandle
from temporalio.exceptions import ApplicationError, CancelledError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.notifications import NotifierShift
from activities.ports import OutboxReport
from domain.visibility import TaskQueue
from infra.identifiers import new_id
from infra.polling import polling
from tests.conftest import MakeParcel, MakePerson
from tests.open_request import make_open_request, notification_activities
from tests.temporal_server import start_temporal
from tests.waiting import PATIENCE_S, until
from workflows.notifier import SHIFTS_PER_RUN, NotifierWorkflow
from workflows.shifts import PAUSE_S

Handle = WorkflowHandle[NotifierWorkflow, None]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server of this file's own: other workers poll the same queues on the session's."""
    async with await start_temporal() as environment:
        yield environment


@asynccontextmanager
async def running(
    server: WorkflowEnvironment, deliver: Callable[..., Any], cached_workflows_max: int = 0
) -> AsyncIterator[Handle]:
    """Run a notifier and its workers; unless it is cached, every task replays the history."""
    client = server.client
    async with polling(
        Worker(
            client,
            task_queue=TaskQueue.SAGAS,
            workflows=[NotifierWorkflow],
            max_cached_workflows=cached_workflows_max,
        ),
        Worker(client, task_queue=TaskQueue.NOTIFICATIONS, activities=[deliver]),
    ):
        handle = await client.start_workflow(
            NotifierWorkflow.run, id=f"notifier-{new_id()}", task_queue=TaskQueue.SAGAS
        )
        yield handle
        if (await handle.describe()).close_time is None:
            await handle.terminate()


async def test_what_a_transition_owes_reaches_the_phone(
    server: WorkflowEnvironment,
    engine: AsyncEngine,
    make_person: MakePerson,
    make_parcel: MakeParcel,
) -> None:
    request = await make_open_request(engine, make_person, make_parcel)

    async def has_message() -> bool:
        return len(await request.inbox()) == 1

    async with running(server, notification_activities(engine).deliver_notifications) as handle:
        await request.offer()
        await until(has_message)
        await handle.cancel()
        with pytest.raises(WorkflowFailureError) as ended:
            await handle.result()
    assert isinstance(ended.value.cause, CancelledError)


async def test_the_workflow_starts_over_and_keeps_its_counts(server: WorkflowEnvironment) -> None:
    shifts: list[str] = []

    @activity.defn(name="deliver_notifications")
    async def deliver(_: NotifierShift) -> OutboxReport:
        shifts.append(activity.info().workflow_run_id or "")
        return OutboxReport(sent=2, unknown=1)

    async def has_started_over() -> bool:
        return len(set(shifts)) == 2

    async with running(server, deliver, cached_workflows_max=10) as handle:
        await until(has_started_over)
        first = server.client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
        last_event = (await first.fetch_history()).events[-1]
    assert last_event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
    carried = last_event.workflow_execution_continued_as_new_event_attributes.input
    totals = await server.client.data_converter.decode(carried.payloads, [OutboxReport])
    expected = OutboxReport(sent=2 * SHIFTS_PER_RUN, unknown=SHIFTS_PER_RUN)
    assert totals == [expected]


async def test_a_shift_that_fails_for_good_is_followed_by_the_next(
    server: WorkflowEnvironment,
) -> None:
    shifts: list[int] = []

    @activity.defn(name="deliver_notifications")
    async def deliver(_: NotifierShift) -> OutboxReport:
        shifts.append(1)
        if len(shifts) == 1:
            raise ApplicationError("the fault of one shift", non_retryable=True)
        await activity.wait_for_worker_shutdown()
        return OutboxReport()

    async def has_failed() -> bool:
        return await _has_event(handle, EventType.EVENT_TYPE_TIMER_STARTED)

    async def has_gone_on() -> bool:
        return len(shifts) > 1

    async with running(server, deliver) as handle:
        await until(has_failed)
        await server.fast_forward(handle, timedelta(seconds=PAUSE_S))
        await until(has_gone_on)
        assert await _has_event(handle, EventType.EVENT_TYPE_TIMER_FIRED)


async def test_a_shift_that_fails_once_is_tried_again_by_itself(
    server: WorkflowEnvironment,
) -> None:
    tries: list[int] = []

    @activity.defn(name="deliver_notifications")
    async def deliver(_: NotifierShift) -> OutboxReport:
        tries.append(activity.info().attempt)
        if tries == [1]:
            raise ConnectionError("the database is away")
        return OutboxReport()

    async def has_tried_again() -> bool:
        return tries[:2] == [1, 2]

    async with running(server, deliver) as handle:
        await until(has_tried_again, PATIENCE_S)
        assert not await _has_event(handle, EventType.EVENT_TYPE_TIMER_STARTED)


async def test_operators_read_what_became_of_the_messages(server: WorkflowEnvironment) -> None:
    shifts: list[int] = []

    @activity.defn(name="deliver_notifications")
    async def deliver(_: NotifierShift) -> OutboxReport:
        shifts.append(1)
        if len(shifts) > 1:
            await activity.wait_for_worker_shutdown()
        return OutboxReport(sent=7, refused=1)

    async def is_in_second_shift() -> bool:
        return len(shifts) > 1

    async with running(server, deliver) as handle:
        await until(is_in_second_shift)
        metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        events = (await handle.fetch_history()).events
    assert "| Sent | 7 |" in metadata.current_details
    assert "| Refused for good | 1 |" in metadata.current_details
    summaries = [
        event.user_metadata.summary.data
        for event in events
        if event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
    ]
    assert summaries == [b'"send messages for 5 minutes"'] * 2


async def _has_event(handle: Handle, kind: EventType.ValueType) -> bool:
    history = await handle.fetch_history()
    return any(event.event_type == kind for event in history.events)
