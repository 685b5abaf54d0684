"""A chargeback whose worker dies at either side of every call moves every cent once."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.chargebacks import ChargebackActivities, DisputeActivities
from activities.correction_payments import CorrectionPayments
from activities.late_payments import LatePaymentActivities
from activities.payments import PaymentActivities
from domain.ids import ChargebackId, chargeback_workflow_id
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import EventKind
from domain.visibility import TaskQueue
from infra.chargebacks.evidence import DatabaseEvidence
from infra.chargebacks.records import DatabaseChargebacks
from infra.chargebacks.starting import ChargebackStarts
from infra.database.invariants import check_invariants
from infra.database.operations import DatabaseOperations
from infra.database.records import DatabaseRecords
from infra.database.schema import chargeback
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_disputes import SandboxDisputes
from infra.payments.sandbox_network import SandboxCardNetwork
from infra.polling import polling
from tests.activities.money_path import PRICE, SHARE, MoneyPath
from tests.conftest import MakeParcel, MakePerson
from tests.crashing import Mortal
from tests.infra.payments.conformance.contract import charge_of
from tests.keys import ENCRYPTION
from tests.temporal_server import start_temporal
from tests.waiting import until
from workflows.chargeback import ChargebackWorkflow


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server of this file's own: other workers poll the same queues on the session's."""
    async with await start_temporal() as environment:
        yield environment


class Dying:
    """Lets the process end once at each side of each call."""

    def __init__(self, side: str) -> None:
        self.side = side
        self.died: Counter[str] = Counter()

    def __call__(self, name: str, side: str, _: tuple[Any, ...]) -> bool:
        if side != self.side or self.died[name]:
            return False
        self.died[name] += 1
        return True


@asynccontextmanager
async def working(
    server: WorkflowEnvironment, engine: AsyncEngine, dies: Dying
) -> AsyncIterator[None]:
    """Run workers for chargebacks whose every part is mortal; nothing is cached."""
    records = DatabaseRecords(engine, b"k" * 32)
    operations: Any = Mortal(DatabaseOperations(engine, records), dies)
    provider: Any = Mortal(SandboxProvider(engine), dies)
    chargebacks: Any = Mortal(DatabaseChargebacks(engine, records), dies)
    disputes: Any = Mortal(SandboxDisputes(engine), dies)
    late = LatePaymentActivities(provider, operations)
    async with polling(
        Worker(
            server.client,
            task_queue=TaskQueue.SAGAS,
            workflows=[ChargebackWorkflow],
            activities=ChargebackActivities(chargebacks).all,
            max_cached_workflows=0,
        ),
        Worker(
            server.client,
            task_queue=TaskQueue.PAYMENTS,
            activities=[
                late.recall_transfer,
                late.release_again,
                CorrectionPayments(provider, operations).pay_out_extra,
                *DisputeActivities(disputes, DatabaseEvidence(engine, ENCRYPTION.keys)).all,
            ],
        ),
    ):
        yield


async def unpaid(path: MoneyPath, payments: PaymentActivities) -> None:
    """Bring a delivery to its close; the traveler's share has not been paid out."""
    await path.open()
    await payments.hold_funds(await path.hold())
    await payments.release_funds(await path.release(f"acct_sandbox_{path.traveler_id}"))
    closed = path.at(DeliveryStatus.COMPLETED, EscrowStatus.RELEASED)
    await path.record(EventKind.PAYOUT_SKIPPED, "payout_skipped", closed)


@pytest.mark.parametrize("side", ["before", "after"])
@pytest.mark.parametrize("won", [True, False])
async def test_every_call_may_be_the_last_one_of_its_worker(
    server: WorkflowEnvironment,
    engine: AsyncEngine,
    make_person: MakePerson,
    make_parcel: MakeParcel,
    *,
    won: bool,
    side: str,
) -> None:
    records, provider = DatabaseRecords(engine, b"k" * 32), SandboxProvider(engine)
    traveler_id = await make_person("traveler", payout_account="acct_sandbox_t")
    path = MoneyPath(engine, records, provider, await make_parcel(), traveler_id)
    await unpaid(path, PaymentActivities(provider, DatabaseOperations(engine, records)))
    # What other customers have paid lets the platform release again before the bank has paid back.
    await provider.charge(charge_of(f"other-{path.delivery_id}"), PRICE + PRICE, "pm_sandbox_ok")
    network, starts = SandboxCardNetwork(engine), ChargebackStarts(engine, server.client)
    dies = Dying(side)
    async with working(server, engine, dies):
        events = await network.open_chargeback(path.charge_id)
        dispute_id = events[0].object_id
        await starts.start_chargeback("sandbox", dispute_id, path.charge_id)
        await until(lambda: _is_recalled(engine, dispute_id))
        await network.decide(dispute_id, won=won)
        await starts.start_chargeback("sandbox", dispute_id, path.charge_id)
        chargeback_id = await _id_of(engine, dispute_id)
        handle = server.client.get_workflow_handle(chargeback_workflow_id(chargeback_id))
        assert await handle.result() == ("won" if won else "lost")
    assert dies.died >= Counter(["read", "write", "reverse", "mark_sent", "finish", "stage"])
    moved = await path.moved_at_provider()
    share = SHARE.amount_minor
    assert moved["reversal", share] == 1
    assert (moved["release", share], moved["payout", share]) == ((2, 1) if won else (1, 0))
    report = await check_invariants(engine, path.delivery_id)
    # Handover codes (I6) play no part here: pickup and handover are recorded without a scan.
    assert not [broken for broken in report.violations if broken.invariant != "I6"]


async def _is_recalled(engine: AsyncEngine, dispute_id: str) -> bool:
    async with engine.connect() as connection:
        query = chargeback.select().where(chargeback.c.dispute_id == dispute_id)
        row = (await connection.execute(query)).one()
    return bool(row.recalled_minor == SHARE.amount_minor)


async def _id_of(engine: AsyncEngine, dispute_id: str) -> ChargebackId:
    async with engine.connect() as connection:
        query = chargeback.select().where(chargeback.c.dispute_id == dispute_id)
        row = (await connection.execute(query)).one()
    return ChargebackId(str(row.chargeback_id))
