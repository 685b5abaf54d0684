"""Reconciliation as it runs: real deliveries, a schedule, and a table in the Web UI."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import (
    Client,
    Schedule,
    ScheduleActionStartWorkflow,
    ScheduleOverlapPolicy,
    ScheduleSpec,
    ScheduleState,
    WorkflowFailureError,
    WorkflowHandle,
)
from temporalio.exceptions import ApplicationError
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.payment_ports import Operation
from domain.attention import AttentionKind
from domain.ids import RECONCILIATION_ID
from domain.money import Money
from domain.policies import Policies, ReconciliationPolicy
from domain.reconciliation.report import ReconciliationReport, StatementRead
from domain.transitions import OperationKind
from domain.visibility import TaskQueue
from infra.cli import main
from infra.database.engine import create_engine
from infra.database.migrate import migrate
from infra.identifiers import new_id
from infra.local_stack.ports import free_ports
from infra.payments.sandbox import SandboxProvider
from infra.polling import polling
from infra.settings import Settings
from infra.temporal import prepare_namespace
from tests.conftest import make_database_url, parcels_in, people_in
from tests.keys import encrypting
from tests.temporal_server import start_temporal
from tests.waiting import until
from tests.workflows.play import Play, make_play
from worker import schedule_reconciliation, workers
from workflows.reconciliation import ReconciliationWorkflow

Handle = WorkflowHandle[ReconciliationWorkflow, ReconciliationReport]


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server of this file's own: other workers poll the same queues on the session's."""
    async with await start_temporal() as environment:
        yield environment


@pytest.fixture
async def books(database_server: str) -> AsyncIterator[AsyncEngine]:
    """A database of its own: a run looks at everything there is."""
    url = make_database_url(database_server, f"reconciled_{new_id()[-12:]}")
    migrate(url)
    engine = create_engine(url)
    yield engine
    await engine.dispose()


@dataclass
class Installation:
    """Workers on a server and a database of their own."""

    server: WorkflowEnvironment
    engine: AsyncEngine

    async def play(self) -> Play:
        """Return a delivery that nobody has opened yet."""
        people, parcels = people_in(self.engine), parcels_in(self.engine)
        return await make_play(self.server, self.engine, people, parcels, Policies())

    async def run(self) -> Handle:
        """Have the schedule start a run now, and return it when it has ended."""
        before = await self.count("ExecutionStatus != 'Running'")
        await self.server.client.get_schedule_handle(RECONCILIATION_ID).trigger()

        async def ended() -> bool:
            return await self.count("ExecutionStatus != 'Running'") > before

        await until(ended)
        listed = self.server.client.list_workflows("WorkflowType = 'reconciliation'")
        latest = max([each async for each in listed], key=lambda each: each.start_time)
        return self.server.client.get_workflow_handle_for(ReconciliationWorkflow.run, latest.id)

    async def count(self, condition: str) -> int:
        query = f"WorkflowType = 'reconciliation' AND {condition}"
        return (await self.server.client.count_workflows(query)).count


@pytest.fixture
async def installation(
    server: WorkflowEnvironment, books: AsyncEngine, settings: Settings
) -> AsyncIterator[Installation]:
    """All workers, and the schedule."""
    encrypting(server, books)
    async with polling(*workers(server.client, books, settings)):
        await schedule_reconciliation(server.client)
        yield Installation(server, books)


async def details_of(handle: Handle) -> str:
    metadata = await handle.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    return str(metadata.current_details)


async def test_the_schedule_compares_and_staff_see_what_was_found(
    installation: Installation,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    carried, cancelled = await installation.play(), await installation.play()
    await carried.delivered()
    await carried.confirm()
    await carried.closed()
    await cancelled.held()
    await cancelled.cancel()
    await cancelled.closed()
    clean = await installation.run()
    report = await clean.result()
    assert (report.found, report.waiting, report.matched) == ({}, 0, 5)
    assert "| missing_in_ledger | 0 |" in await details_of(clean)
    assert await installation.count("NeedsAttention = true") == 0

    await refund_by_hand(installation.engine, carried)
    found = await installation.run()
    assert (await found.result()).found == {AttentionKind.MISSING_IN_LEDGER: 1}
    assert "| missing_in_ledger | 1 |" in await details_of(found)
    assert await installation.count("NeedsAttention = true") == 1

    monkeypatch.setenv("DATABASE_URL", address_of(installation.engine))
    address = installation.server.client.service_client.config.target_host
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    assert await asyncio.to_thread(main, ["reconcile"]) == 1, "something needs attention"
    assert "| missing_in_ledger | 1 |" in capsys.readouterr().out


def address_of(engine: AsyncEngine) -> str:
    return engine.url.render_as_string(hide_password=False)


async def refund_by_hand(engine: AsyncEngine, play: Play) -> None:
    """Give money back at the provider, behind the platform's back, an hour ago."""
    provider = SandboxProvider(engine)
    made = await provider.objects(play.order.delivery_id)
    (charge,) = (each for each in made if each.kind is OperationKind.CHARGE)
    source = Operation(OperationKind.CHARGE, charge.operation_id)
    by_hand = Operation(OperationKind.REFUND, f"by-hand-{new_id()}", source)
    await provider.refund(by_hand, Money(100, "EUR"))
    earlier = "UPDATE sandbox_line SET created_at = created_at - interval '1 hour'"
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        await connection.execute(text(f"{earlier} WHERE operation_id = '{by_hand.operation_id}'"))


async def test_the_schedule_runs_every_hour_and_never_twice_at_once(
    server: WorkflowEnvironment,
) -> None:
    await schedule_reconciliation(server.client)
    handle = server.client.get_schedule_handle(RECONCILIATION_ID)
    schedule = (await handle.describe()).schedule
    assert schedule.policy.overlap is ScheduleOverlapPolicy.SKIP
    assert schedule.policy.catchup_window == timedelta(seconds=ReconciliationPolicy().catch_up_s)
    assert [each.every for each in schedule.spec.intervals] == [timedelta(hours=1)]


async def test_the_schedule_is_kept_as_it_is_when_workers_start_again() -> None:
    async with await start_temporal() as deserted:
        action = ScheduleActionStartWorkflow(
            ReconciliationWorkflow.run, id=RECONCILIATION_ID, task_queue=TaskQueue.SAGAS
        )
        paused = ScheduleState(paused=True, note="The provider is being changed.")
        changed = Schedule(action, ScheduleSpec(), state=paused)
        handle = await deserted.client.create_schedule(RECONCILIATION_ID, changed)
        await schedule_reconciliation(deserted.client)
        state = (await handle.describe()).schedule.state
    assert (state.paused, state.note) == (True, "The provider is being changed.")


class Steps:
    """Activities under the names of the real ones."""

    def __init__(self, *failures: ApplicationError) -> None:
        self.failures = list(failures)
        self.run_ids: list[str] = []

    @activity.defn(name="read_statement")
    async def read(self, run_id: str) -> StatementRead:
        self.run_ids.append(run_id)
        if self.failures:
            raise self.failures.pop(0)
        return READ

    @activity.defn(name="compare_books")
    async def compare(self, run_id: str) -> ReconciliationReport:
        self.run_ids.append(run_id)
        return ReconciliationReport(READ, matched=3, waiting=0)


READ = StatementRead(datetime(2026, 11, 22, tzinfo=UTC), datetime(2026, 11, 23, tzinfo=UTC), 3, 3)


async def start(server: WorkflowEnvironment) -> Handle:
    return await server.client.start_workflow(
        ReconciliationWorkflow.run, id=f"reconciliation-{new_id()}", task_queue=TaskQueue.SAGAS
    )


@asynccontextmanager
async def running(server: WorkflowEnvironment, steps: Steps) -> AsyncIterator[None]:
    sagas = Worker(
        server.client,
        task_queue=TaskQueue.SAGAS,
        workflows=[ReconciliationWorkflow],
        max_cached_workflows=0,
    )
    made = Worker(
        server.client,
        task_queue=TaskQueue.RECONCILIATION,
        activities=[steps.read, steps.compare],
    )
    async with polling(sagas, made):
        yield


async def test_a_step_that_failed_is_tried_again_under_the_same_run(
    server: WorkflowEnvironment,
) -> None:
    steps = Steps(ApplicationError("gone for a moment", type="ProviderUnavailable"))
    async with running(server, steps):
        handle = await start(server)
        assert (await handle.result()).matched == 3
    assert len(steps.run_ids) == 3
    assert set(steps.run_ids) == {handle.first_execution_run_id}


async def test_a_run_that_could_not_compare_says_so_and_ends(server: WorkflowEnvironment) -> None:
    async with running(server, Steps(ApplicationError("no such key", type="ProviderRefused"))):
        handle = await start(server)
        with pytest.raises(WorkflowFailureError) as failed:
            await handle.result()
        assert "Nothing was compared: ProviderRefused" in await details_of(handle)
    assert isinstance(failed.value.cause, ApplicationError)
    assert failed.value.cause.type == "ProviderRefused"


async def test_nobody_waits_for_a_worker_that_does_not_run(
    server: WorkflowEnvironment,
    books: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    monkeypatch.setenv("SENDALONG_DATA", str(tmp_path))
    monkeypatch.delenv("TEMPORAL_ADDRESS", raising=False)
    assert await asyncio.to_thread(main, ["reconcile"]) == 1
    assert "Sendalong is not running" in capsys.readouterr().err
    monkeypatch.setenv("DATABASE_URL", address_of(books))
    monkeypatch.setenv("TEMPORAL_ADDRESS", f"127.0.0.1:{free_ports().temporal}")
    assert await asyncio.to_thread(main, ["reconcile"]) == 1
    assert "Temporal does not answer." in capsys.readouterr().err
    await prepared(server.client, "nobody")
    monkeypatch.setenv("TEMPORAL_ADDRESS", server.client.service_client.config.target_host)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "nobody")
    assert await asyncio.to_thread(main, ["reconcile"]) == 1
    assert "No worker has asked for work lately" in capsys.readouterr().err


async def prepared(client: Client, namespace: str) -> None:
    """Make a namespace in which nobody works."""
    other = await Client.connect(client.service_client.config.target_host, namespace=namespace)
    await prepare_namespace(other)
