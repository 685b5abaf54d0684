"""A correction whose worker dies at either side of every call moves every cent once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from activities.correction_payments import CorrectionPayments
from activities.corrections import CorrectionActivities
from activities.payments import PaymentActivities
from activities.undoing import UndoingActivities
from domain.contracts import Actor, Role
from domain.correcting.again import AgainCommand
from domain.correcting.rules import CorrectionKind, CorrectionOrder, CorrectionStatus
from domain.correcting.undoing import UndoneOrder
from domain.ids import CorrectionId, correction_workflow_id, undone_workflow_id
from domain.ledger import Bearer, DeliveryTotals, totals_of
from domain.money import Money
from domain.policies import Policies, RetryPolicyFigures
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import EventKind
from domain.visibility import TaskQueue
from infra.database.corrections import DatabaseCorrections
from infra.database.invariants import check_invariants
from infra.database.ledger import transactions_of
from infra.database.operations import DatabaseOperations
from infra.database.records import DatabaseRecords
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from infra.polling import polling
from tests.activities.money_path import PRICE, SHARE, MoneyPath
from tests.conftest import MakeParcel, MakePerson
from tests.crashing import Mortal
from tests.infra.payments.conformance.contract import charge_of
from tests.temporal_server import start_temporal
from tests.waiting import PATIENCE_S, until
from workflows.correction import CorrectionWorkflow
from workflows.undone import UndoneWorkflow

PART = Money(1_000, "EUR")
FEE = PRICE - SHARE
IMPATIENT = Policies(retries=RetryPolicyFigures(longest_wait_s=1))
"""Every call dies several times here: nobody waits longer each time."""


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[WorkflowEnvironment]:
    """A server of this file's own: other workers poll the same queues on the session's."""
    async with await start_temporal() as environment:
        yield environment


class Dying:
    """Lets the process end once at one side of each call."""

    def __init__(self, side: str) -> None:
        self.side = side
        self.died: Counter[str] = Counter()

    def __call__(self, name: str, side: str, arguments: tuple[Any, ...]) -> bool:
        call = f"{name} {_kind_of(arguments)}"
        if side != self.side or self.died[call]:
            return False
        self.died[call] += 1
        return True


def _kind_of(arguments: tuple[Any, ...]) -> str:
    """Tell calls apart that are about different operations or events."""
    first = arguments[0] if arguments else None
    return str(getattr(first, "kind", None) or getattr(first, "event", None) or "")


@asynccontextmanager
async def working(
    server: WorkflowEnvironment, engine: AsyncEngine, dies: Dying
) -> AsyncIterator[None]:
    """Run workers for corrections whose every part is mortal; nothing is cached."""
    records = DatabaseRecords(engine, b"k" * 32)
    operations: Any = Mortal(DatabaseOperations(engine, records), dies)
    provider: Any = Mortal(SandboxProvider(engine), dies)
    corrections: Any = Mortal(DatabaseCorrections(engine, records, automatic_payouts=False), dies)
    async with polling(
        Worker(
            server.client,
            task_queue=TaskQueue.SAGAS,
            workflows=[CorrectionWorkflow, UndoneWorkflow],
            activities=CorrectionActivities(corrections).all,
            max_cached_workflows=0,
        ),
        Worker(
            server.client,
            task_queue=TaskQueue.PAYMENTS,
            activities=[
                *CorrectionPayments(provider, operations).all,
                UndoingActivities(provider, corrections).book_undone,
            ],
        ),
    ):
        yield


@dataclass
class Closed:
    """A closed delivery and its people, straight in the database."""

    engine: AsyncEngine
    server: WorkflowEnvironment
    path: MoneyPath

    async def run(self, kind: CorrectionKind, by: Role = Role.AGENT, **more: Any) -> None:
        """Order a correction and carry it out."""
        order = CorrectionOrder(
            correction_id=CorrectionId(new_id()),
            delivery_id=self.path.delivery_id,
            kind=kind,
            actor=Actor(by),
            amount=PART,
            status=await self.path.status(),
            customer_id=more.pop("customer_id"),
            traveler_id=self.path.traveler_id,
            policies=IMPATIENT,
            **more,
        )
        handle = await self.server.client.start_workflow(
            CorrectionWorkflow.run,
            order,
            id=correction_workflow_id(order.correction_id),
            task_queue=TaskQueue.SAGAS,
        )
        async with asyncio.timeout(PATIENCE_S):
            assert await handle.result() == CorrectionStatus.DONE

    async def totals(self) -> DeliveryTotals:
        async with self.engine.connect() as connection:
            booked = await transactions_of(connection, self.path.delivery_id)
        totals = totals_of(booked, "EUR")
        assert totals.is_whole, totals
        return totals

    async def require_sound(self) -> None:
        report = await check_invariants(self.engine, self.path.delivery_id)
        # Handover codes (I6) play no part here: pickup and handover are recorded without a scan.
        assert not [broken for broken in report.violations if broken.invariant != "I6"]

    async def effects(self) -> Counter[str]:
        """Return how often the provider did what, by kind."""
        entries = await self.path.provider.objects(self.path.delivery_id)
        return Counter(entry.kind.value for entry in entries if entry.provider_id)


@pytest.fixture
async def closed(
    engine: AsyncEngine,
    server: WorkflowEnvironment,
    make_person: MakePerson,
    make_parcel: MakeParcel,
) -> Closed:
    """A delivery that is complete; the traveler's share has not been paid out."""
    records, provider = DatabaseRecords(engine, b"k" * 32), SandboxProvider(engine)
    account = f"acct_sandbox_{new_id()[-12:]}"
    traveler_id = await make_person("traveler", payout_account=account)
    path = MoneyPath(engine, records, provider, await make_parcel(), traveler_id)
    payments = PaymentActivities(provider, DatabaseOperations(engine, records))
    await path.open()
    await payments.hold_funds(await path.hold())
    await payments.release_funds(await path.release(account))
    ended = path.at(DeliveryStatus.COMPLETED, EscrowStatus.RELEASED)
    await path.record(EventKind.PAYOUT_SKIPPED, "payout_skipped", ended)
    return Closed(engine, server, path)


SIDES = pytest.mark.parametrize("side", ["before", "after"])


@SIDES
async def test_a_refund_and_the_reversal_after_it_happen_once_each(
    closed: Closed, engine: AsyncEngine, make_person: MakePerson, side: str
) -> None:
    dies, customer_id = Dying(side), await make_person("customer")
    async with working(closed.server, engine, dies):
        more: dict[str, Any] = {"bearer": Bearer.TRAVELER, "customer_id": customer_id}
        await closed.run(CorrectionKind.GOODWILL_REFUND, **more)
    assert {"refund refund", "reverse reversal", "finish refund", "finish reversal"} <= set(
        dies.died
    )
    assert await closed.effects() == Counter(charge=1, transfer=1, refund=1, reversal=1)
    totals = await closed.totals()
    assert (totals.refunded, totals.reversed, totals.dues, totals.losses) == (1_000, 1_000, 0, 0)
    await closed.require_sound()


@SIDES
async def test_a_compensation_is_transferred_and_paid_out_once(
    closed: Closed, engine: AsyncEngine, make_person: MakePerson, side: str
) -> None:
    dies, customer_id = Dying(side), await make_person("customer")
    # What other customers have paid is there to be given from.
    other = charge_of(f"other-{closed.path.delivery_id}")
    await closed.path.provider.charge(other, PRICE, "pm_sandbox_ok")
    async with working(closed.server, engine, dies):
        await closed.run(CorrectionKind.COMPENSATION, customer_id=customer_id)
    assert await closed.effects() == Counter(charge=1, transfer=2, payout=1)
    totals = await closed.totals()
    assert (totals.transferred, totals.losses) == (SHARE.amount_minor + 1_000, 1_000)
    await closed.require_sound()


@SIDES
async def test_a_tip_is_charged_sent_and_paid_out_once(
    closed: Closed, engine: AsyncEngine, make_person: MakePerson, side: str
) -> None:
    dies, customer_id = Dying(side), await make_person("customer")
    more: dict[str, Any] = {"payment_method": "pm_sandbox_ok", "customer_id": customer_id}
    async with working(closed.server, engine, dies):
        await closed.run(CorrectionKind.TIP, Role.CUSTOMER, **more)
    assert await closed.effects() == Counter(charge=2, transfer=2, payout=1)
    totals = await closed.totals()
    assert (totals.charged, totals.fees, totals.held) == (5_200, FEE.amount_minor, 0)
    await closed.require_sound()


@SIDES
async def test_what_came_undone_is_booked_back_once_and_given_again_once(
    closed: Closed, engine: AsyncEngine, make_person: MakePerson, side: str
) -> None:
    customer_id = await make_person("customer")
    async with working(closed.server, engine, Dying("nowhere")):
        more: dict[str, Any] = {"bearer": Bearer.PLATFORM, "customer_id": customer_id}
        await closed.run(CorrectionKind.GOODWILL_REFUND, **more)
    (refund,) = (
        entry.operation_id
        for entry in await closed.path.provider.objects(closed.path.delivery_id)
        if entry.kind == "refund"
    )
    await closed.path.provider.fail_refund(refund)
    dies = Dying(side)
    async with working(closed.server, engine, dies):
        handle = await closed.server.client.start_workflow(
            UndoneWorkflow.run,
            UndoneOrder(refund, IMPATIENT),
            id=undone_workflow_id(refund),
            task_queue=TaskQueue.SAGAS,
        )

        async def is_back() -> bool:
            return (await closed.totals()).held == PART.amount_minor

        await until(is_back)
        command = AgainCommand(Actor(Role.AGENT), "The bank was closed.")
        await handle.execute_update("refund_again", command)
        async with asyncio.timeout(PATIENCE_S):
            assert await handle.result() is True
    assert {"undo ", "finish refund"} <= set(dies.died)
    totals = await closed.totals()
    assert (totals.refunded, totals.losses, totals.held) == (1_000, 1_000, 0)
    await closed.require_sound()
