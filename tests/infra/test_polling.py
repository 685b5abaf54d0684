"""Workers poll for the length of a block, and the block ends whatever the SDK does."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from os import getpid

import pytest
from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.visibility import TaskQueue
from infra.identifiers import new_id
from infra.polling import polling
from infra.temporal import worker_identities
from tests.temporal_server import start_temporal
from tests.waiting import until


@activity.defn
async def rest() -> None:
    """Do nothing."""


class NeverStops(Worker):
    """A worker whose shutdown stays without an answer."""

    async def shutdown(self) -> None:
        await asyncio.Event().wait()


class Broken(Worker):
    """A worker that fails while it polls."""

    async def run(self) -> None:
        raise ConnectionError("the server is gone")


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    async with await start_temporal() as environment:
        yield environment


async def test_it_polls_inside_the_block_and_has_stopped_after_it(
    server: WorkflowEnvironment,
) -> None:
    queue = TaskQueue.NOTIFICATIONS
    worker = Worker(server.client, task_queue=queue, activities=[rest])

    async def is_seen() -> bool:
        seen = await worker_identities(server.client, queue)
        return any(identity.startswith(f"{getpid()}@") for identity in seen)

    async with polling(worker):
        await until(is_seen)
        assert worker.is_running
    assert worker.is_shutdown
    assert not worker.is_running


async def test_a_worker_that_does_not_stop_keeps_nobody_waiting(
    server: WorkflowEnvironment, caplog: pytest.LogCaptureFixture
) -> None:
    worker = NeverStops(server.client, task_queue=new_id(), activities=[rest])
    async with asyncio.timeout(30), polling(worker, stop_within=timedelta(milliseconds=10)):
        pass
    assert "did not stop" in caplog.text


async def test_a_worker_that_fails_ends_the_block(server: WorkflowEnvironment) -> None:
    worker = Broken(server.client, task_queue=new_id(), activities=[rest])
    with pytest.raises(ConnectionError):
        async with polling(worker):
            await asyncio.Event().wait()


async def test_a_block_that_fails_stops_its_workers(server: WorkflowEnvironment) -> None:
    worker = Worker(server.client, task_queue=new_id(), activities=[rest])
    with pytest.raises(LookupError):
        async with polling(worker):
            raise LookupError
    assert worker.is_shutdown
