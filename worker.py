"""Composition root of the workers: settings, gateways, activities, workers.

Run it with `python worker.py`; it stops on SIGTERM or Ctrl-C after what is under way has ended.
"""

from __future__ import annotations

import asyncio
import logging
import signal
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from functools import partial
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.worker import Worker

from activities.auditing import AuditActivities
from activities.bulk_holding import BulkHoldActivities
from activities.chargebacks import ChargebackActivities, DisputeActivities
from activities.correction_payments import CorrectionPayments
from activities.corrections import CorrectionActivities
from activities.erasing import ErasureActivities
from activities.forgetting import ForgettingActivities
from activities.late_payments import LatePaymentActivities
from activities.notifications import NotificationActivities
from activities.overriding import OverrideActivities, OverrideRecords
from activities.payments import PaymentActivities
from activities.reconciliation import ReconciliationActivities
from activities.records import RecordActivities
from activities.robo import RoboActivities
from activities.undoing import UndoingActivities
from activities.webhooks import WebhookActivities
from domain.ids import (
    NOTIFIER_WORKFLOW_ID,
    RECONCILIATION_ID,
    WEBHOOK_DISPATCHER_WORKFLOW_ID,
)
from domain.policies import ReconciliationPolicy
from domain.robo import RUNS_AT_ONCE_MAX
from domain.visibility import TaskQueue
from infra.audit.roots import DatabaseRoots
from infra.audit.scheduling import schedule_roots
from infra.bulk_holds import TemporalDeliveries
from infra.chargebacks.evidence import DatabaseEvidence
from infra.chargebacks.records import DatabaseChargebacks
from infra.chargebacks.starting import ChargebackStarts
from infra.database.attention import DatabaseAttention
from infra.database.corrections import DatabaseCorrections
from infra.database.engine import create_engine
from infra.database.operations import DatabaseOperations
from infra.database.records import DatabaseRecords
from infra.database.roles import require_restricted
from infra.deployment import deployment_config, take_over
from infra.encryption.clients import worker_client
from infra.encryption.parts import encryption_of
from infra.erasing.parts import erasures_of
from infra.forgetting import DatabaseForgetting, schedule_forgetting
from infra.logs import write_logs
from infra.notifications.composing import CodeLinks
from infra.notifications.outbox import DatabaseOutbox
from infra.notifications.parts import senders
from infra.overriding.deliveries import TemporalOverrides
from infra.overriding.records import DatabaseOverrides
from infra.overriding.scheduling import schedule_override_report
from infra.payments.parts import PaymentParts, payment_parts
from infra.polling import polling
from infra.reconciliation.runs import DatabaseReconciliation
from infra.robo.robots import robots_of
from infra.schedules import Round, keep_schedule
from infra.settings import Settings, load_settings
from infra.webhooks.catching_up import CatchingUp
from infra.webhooks.dispatch import DatabaseWebhooks
from infra.webhooks.signals import DeliverySignals
from infra.webhooks.surprises import UndoingStarts
from workflows.every import WORKFLOWS
from workflows.notifier import NotifierWorkflow
from workflows.reconciliation import RUN_S_MAX
from workflows.webhook_dispatcher import WebhookDispatcherWorkflow

GRACE = timedelta(seconds=20)
"""Time that activities under way get at shutdown; the SDK's default of none would cancel payments."""
CACHED_WORKFLOWS_MAX = 1_000
"""Workflows kept in memory; one more is replayed from its history when it has something to do."""
STICKY_WAIT = timedelta(seconds=3)
"""Time until another worker takes over the workflows of one that died; commands wait that long."""
PROVIDER_CALLS_MAX = 20
"""Calls of the payment provider under way at once in one process."""

MakeWorker = Callable[..., Worker]
"""Makes a worker of this process: only what differs from queue to queue is named."""


def workers(
    client: Client,
    engine: AsyncEngine,
    settings: Settings,
    *,
    payments: PaymentParts | None = None,
    cached_workflows_max: int = CACHED_WORKFLOWS_MAX,
) -> list[Worker]:
    """Return one worker per task queue, on real or simulated parts as the settings say.

    Whoever gives the parts of the payment provider closes them afterwards.
    """
    payments = payments or payment_parts(engine, settings)
    keys = encryption_of(settings).keys
    records = DatabaseRecords(engine, settings.handover_key_bytes, settings.policies.limits, keys)
    is_automatic = payments.provider.capabilities.automatic_payouts
    corrections = DatabaseCorrections(engine, records, automatic_payouts=is_automatic)
    chargebacks = DatabaseChargebacks(engine, records)
    overrides = DatabaseOverrides(engine, records, settings.policies.overrides)
    beside = [
        OverrideRecords(overrides).apply_override,
        *CorrectionActivities(corrections).all,
        *ChargebackActivities(chargebacks).all,
    ]
    operations, evidence = DatabaseOperations(engine, records), DatabaseEvidence(engine, keys)
    make = partial(
        Worker,
        client,
        deployment_config=deployment_config(settings),
        graceful_shutdown_timeout=GRACE,
    )
    return [
        _saga_worker(make, records, beside, cached_workflows_max),
        _payment_worker(make, payments, operations, corrections, evidence),
        _notification_worker(make, engine, settings),
        _webhook_worker(make, client, engine, payments, settings, overrides=overrides),
        _reconciliation_worker(make, client, engine, payments, settings),
        _robo_worker(make, engine, settings),
    ]


def _saga_worker(
    make: MakeWorker,
    records: DatabaseRecords,
    beside: Sequence[Callable[..., Any]],
    cached_workflows_max: int,
) -> Worker:
    recording = RecordActivities(records)
    return make(
        task_queue=TaskQueue.SAGAS,
        workflows=WORKFLOWS,
        activities=[
            recording.record_transition,
            recording.note_late_event,
            recording.accept_scan,
            recording.accept_late_scan,
            recording.dues_of,
            recording.left_to_pay_out,
            recording.choose_agent,
            recording.last_heard,
            recording.sequence_of,
            recording.stored_dispute,
            *beside,
        ],
        max_cached_workflows=cached_workflows_max,
        sticky_queue_schedule_to_start_timeout=STICKY_WAIT,
    )


def _payment_worker(
    make: MakeWorker,
    payments: PaymentParts,
    operations: DatabaseOperations,
    corrections: DatabaseCorrections,
    evidence: DatabaseEvidence,
) -> Worker:
    paying = PaymentActivities(payments.provider, operations)
    late = LatePaymentActivities(payments.provider, operations)
    disputes = DisputeActivities(payments.disputes, evidence)
    return make(
        task_queue=TaskQueue.PAYMENTS,
        activities=[
            *paying.all,
            *CorrectionPayments(payments.provider, operations).all,
            UndoingActivities(payments.provider, corrections).book_undone,
            late.recall_transfer,
            late.release_again,
            late.forget_method,
            *disputes.all,
        ],
        max_concurrent_activities=PROVIDER_CALLS_MAX,
    )


def _notification_worker(make: MakeWorker, engine: AsyncEngine, settings: Settings) -> Worker:
    notifying = NotificationActivities(
        DatabaseOutbox(
            engine,
            senders(engine, settings),
            CodeLinks(settings.handover_key_bytes, settings.public_url),
            settings.policies.messages,
            keys=encryption_of(settings).keys,
        )
    )
    return make(task_queue=TaskQueue.NOTIFICATIONS, activities=[notifying.deliver_notifications])


def _webhook_worker(
    make: MakeWorker,
    client: Client,
    engine: AsyncEngine,
    payments: PaymentParts,
    settings: Settings,
    *,
    overrides: DatabaseOverrides,
) -> Worker:
    dispatching = WebhookActivities(
        DatabaseWebhooks(
            engine,
            DeliverySignals(client),
            ChargebackStarts(engine, client),
            _catching_up(engine, payments),
            surprises=UndoingStarts(client, DatabaseAttention(engine), settings.policies),
        )
    )
    return make(
        task_queue=TaskQueue.WEBHOOKS,
        activities=[
            dispatching.catch_up_events,
            dispatching.dispatch_webhooks,
            *BulkHoldActivities(TemporalDeliveries(client)).all,
            *OverrideActivities(overrides, TemporalOverrides(client)).all,
        ],
    )


def _reconciliation_worker(
    make: MakeWorker,
    client: Client,
    engine: AsyncEngine,
    payments: PaymentParts,
    settings: Settings,
) -> Worker:
    comparing = ReconciliationActivities(DatabaseReconciliation(engine, payments.statement))
    auditing = AuditActivities(DatabaseRoots(engine, settings.required_root_signer()))
    return make(
        task_queue=TaskQueue.RECONCILIATION,
        activities=[
            comparing.read_statement,
            comparing.compare_books,
            auditing.sign_heads,
            ForgettingActivities(DatabaseForgetting(engine)).forget_served,
            *ErasureActivities(erasures_of(client, engine, settings)).all,
        ],
    )


def _robo_worker(make: MakeWorker, engine: AsyncEngine, settings: Settings) -> Worker:
    playing = RoboActivities(robots_of(engine, settings))
    return make(
        task_queue=TaskQueue.ROBO,
        activities=[playing.play_scenario, playing.give_up_scenario],
        max_concurrent_activities=RUNS_AT_ONCE_MAX,
    )


def _catching_up(engine: AsyncEngine, payments: PaymentParts) -> CatchingUp | None:
    if payments.events is None:
        return None
    return CatchingUp(engine, payments.provider.capabilities.name, payments.events)


@asynccontextmanager
async def running(client: Client, settings: Settings) -> AsyncIterator[None]:
    """Run every worker until the block ends; within it some build gets the tasks."""
    engine = create_engine(settings.database_url, application_name="sendalong-worker")
    async with AsyncExitStack() as stack:
        stack.push_async_callback(engine.dispose)
        await require_restricted(engine, moves_real_money=settings.moves_real_money)
        payments = payment_parts(engine, settings)
        stack.push_async_callback(payments.close)
        ready = workers(client, engine, settings, payments=payments)
        await stack.enter_async_context(polling(*ready))
        await take_over(client, settings)
        yield


async def start_notifier(client: Client) -> None:
    """Start the workflow that sends messages, unless it runs already."""
    await client.start_workflow(
        NotifierWorkflow.run,
        id=NOTIFIER_WORKFLOW_ID,
        task_queue=TaskQueue.SAGAS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="Sends messages to people",
    )


async def start_webhook_dispatcher(client: Client) -> None:
    """Start the workflow that hands on what payment providers report, unless it runs already."""
    await client.start_workflow(
        WebhookDispatcherWorkflow.run,
        id=WEBHOOK_DISPATCHER_WORKFLOW_ID,
        task_queue=TaskQueue.SAGAS,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        static_summary="Hands on what payment providers report",
    )


async def schedule_reconciliation(client: Client) -> None:
    """Have the provider's statement compared with the ledger at every hour."""
    policy = ReconciliationPolicy()
    comparing = Round(
        workflow="reconciliation",
        round_id=RECONCILIATION_ID,
        summary="Compares the provider's statement with the ledger",
        every_s=policy.every_s,
        catch_up_s=policy.catch_up_s,
        run_s_max=RUN_S_MAX,
    )
    await keep_schedule(client, comparing)


async def main() -> None:
    """Run the workers until a signal asks them to stop."""
    settings, stop = load_settings(), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with worker_client(settings) as client, running(client, settings):
        await start_notifier(client)
        await start_webhook_dispatcher(client)
        await schedule_reconciliation(client)
        await schedule_roots(client)
        await schedule_forgetting(client)
        await schedule_override_report(client)
        logging.getLogger(__name__).info("workers are polling")
        await stop.wait()


if __name__ == "__main__":
    write_logs()
    asyncio.run(main())
