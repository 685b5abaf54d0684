"""Plays one delivery on a real server: people act, the clock moves on, the database is read."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import (
    WithStartWorkflowOperation,
    WorkflowHandle,
    WorkflowUpdateFailedError,
)
from temporalio.common import WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from domain.contracts import (
    AcceptOffer,
    Actor,
    CancelDelivery,
    CodePurpose,
    ConfirmDelivery,
    CounterOffer,
    DecideDispute,
    DeliveryOrder,
    DisputeReason,
    GivePaymentMethod,
    OpenDispute,
    ReportArrival,
    ResolveAttention,
    Role,
    ScanCode,
    Standing,
    SubmitOffer,
    Verdict,
    WithdrawOffer,
)
from domain.handover.codes import derive_code, digest_of
from domain.ids import (
    DeliveryId,
    DisputeId,
    OfferId,
    PersonId,
    delivery_workflow_id,
    dispute_workflow_id,
)
from domain.policies import Policies, VerdictOutcome
from domain.provider_news import PaymentNews
from domain.status import DeliveryStatus
from domain.visibility import TaskQueue
from infra.database.ledger import balances
from infra.database.schema import delivery, event, handover_code
from infra.identifiers import new_id
from tests.conftest import MakeParcel, MakePerson
from tests.waiting import PATIENCE_S, until
from workflows.delivery import DeliveryWorkflow

HANDOVER_KEY = b"k" * 32


@dataclass
class Play:
    """One delivery and its people."""

    environment: WorkflowEnvironment
    engine: AsyncEngine
    customer: Actor
    traveler: Actor
    rival: Actor
    recipient: Actor
    agent: Actor
    order: DeliveryOrder
    offers: dict[Actor, OfferId] = field(default_factory=dict)
    prices: dict[OfferId, int] = field(default_factory=dict)

    @property
    def handle(self) -> WorkflowHandle[Any, DeliveryStatus]:
        return self.environment.client.get_workflow_handle_for(
            DeliveryWorkflow.run, delivery_workflow_id(self.order.delivery_id)
        )

    async def start(self) -> asyncio.Task[Standing]:
        """Open the delivery without waiting until it can be read."""
        return asyncio.create_task(self.open())

    async def open(self) -> Standing:
        operation = WithStartWorkflowOperation(
            DeliveryWorkflow.run,
            self.order,
            id=delivery_workflow_id(self.order.delivery_id),
            task_queue=TaskQueue.SAGAS,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        )
        standing: Standing = await self.environment.client.execute_update_with_start_workflow(
            "open", start_workflow_operation=operation, result_type=Standing
        )
        return standing

    async def send(self, update: str, command: object) -> Standing:
        standing: Standing = await self.handle.execute_update(update, command, result_type=Standing)
        return standing

    async def submit(self, by: Actor | None = None, price_minor: int = 4_200) -> Standing:
        actor = by or self.traveler
        offer_id = OfferId(new_id())
        standing = await self.send("submit_offer", SubmitOffer(actor, offer_id, price_minor))
        self.offers[actor], self.prices[offer_id] = offer_id, price_minor
        return standing

    async def counter(self, by: Actor, price_minor: int, of: Actor | None = None) -> Standing:
        offer_id = self.offers[of or self.traveler]
        standing = await self.send("counter_offer", CounterOffer(by, offer_id, price_minor))
        self.prices[offer_id] = price_minor
        return standing

    async def withdraw(self, by: Actor) -> Standing:
        command = WithdrawOffer(by, self.offers[by])
        return await self.send("withdraw_offer", command)

    async def accept(
        self,
        method: str = "pm_sandbox_ok",
        account: str = "acct_sandbox_t",
        of: Actor | None = None,
    ) -> Standing:
        offer_id = self.offers[of or self.traveler]
        price_minor = self.prices[offer_id]
        command = AcceptOffer(self.customer, offer_id, method, account, price_minor)
        return await self.send("accept_offer", command)

    async def give_method(self, method: str) -> Standing:
        command = GivePaymentMethod(self.customer, method)
        return await self.send("give_payment_method", command)

    async def scan(self, purpose: CodePurpose, text: str | None = None) -> Standing:
        shown = text or await self.shown(purpose)
        digest = digest_of(HANDOVER_KEY, self.order.delivery_id, purpose, shown)
        command = ScanCode(self.traveler, purpose, digest, is_pin=len(shown) == 6)
        return await self.send("scan", command)

    async def shown(self, purpose: CodePurpose) -> str:
        nonce = await self.read(
            select(handover_code.c.nonce).where(
                handover_code.c.delivery_id == self.order.delivery_id,
                handover_code.c.purpose == purpose,
            )
        )
        return derive_code(HANDOVER_KEY, self.order.delivery_id, purpose, nonce[0][0]).text

    async def arrive(self) -> None:
        report = ReportArrival(datetime.now(UTC), 120)
        await self.handle.signal(DeliveryWorkflow.report_arrival, report)

    async def news(self, news: PaymentNews | None = None) -> None:
        """Tell the delivery that its provider has news of the payment."""
        await self.handle.signal(DeliveryWorkflow.payment_news, news)

    async def cancel(self, by: Actor | None = None) -> Standing:
        command = CancelDelivery(by or self.customer)
        return await self.send("cancel", command)

    async def confirm(self) -> Standing:
        command = ConfirmDelivery(self.customer)
        return await self.send("confirm", command)

    async def dispute(self, by: Actor | None = None) -> Standing:
        command = OpenDispute(by or self.customer, DisputeId(new_id()), DisputeReason.DAMAGED)
        return await self.send("open_dispute", command)

    async def dispute_handle(self) -> WorkflowHandle[Any, Verdict]:
        rows = await self.read(
            select(delivery.c.dispute_id).where(delivery.c.delivery_id == self.order.delivery_id)
        )
        handle: WorkflowHandle[Any, Verdict] = self.environment.client.get_workflow_handle(
            dispute_workflow_id(DisputeId(str(rows[0][0]))), result_type=Verdict
        )
        await until(lambda: _is_running(handle))
        return handle

    async def decide(self, outcome: VerdictOutcome, refund_minor: int | None = None) -> Verdict:
        handle = await self.dispute_handle()
        command = DecideDispute(self.agent, outcome, refund_minor, "seen the photos")
        verdict: Verdict = await handle.execute_update("decide", command, result_type=Verdict)
        return verdict

    async def resolve(self, command: ResolveAttention) -> Standing:
        return await self.send("resolve_attention", command)

    async def held(self, method: str = "pm_sandbox_ok", account: str = "acct_sandbox_t") -> None:
        """Open, agree and hold."""
        await self.open()
        await self.submit()
        await self.accept(method, account)
        await self.reach(DeliveryStatus.AWAITING_PICKUP)

    async def delivered(self, account: str = "acct_sandbox_t") -> None:
        """Bring the parcel to its recipient."""
        await self.held(account=account)
        await self.scan(CodePurpose.PICKUP)
        await self.scan(CodePurpose.HANDOVER)

    async def closed(self) -> DeliveryStatus:
        async with asyncio.timeout(PATIENCE_S):
            return await self.handle.result()

    async def pass_time(self, span: timedelta, handle: Any = None) -> None:
        """Move a workflow's clock on, once it has armed the timers that the time is to pass."""
        target = handle or self.handle
        await until(lambda: is_idle(target))
        async with asyncio.timeout(PATIENCE_S):
            await self.environment.fast_forward(target, span)

    async def pass_dispute_time(self, span: timedelta) -> None:
        """Move the clock of the dispute on, unless it is over: it began with its delivery's clock."""
        handle = await self.dispute_handle()
        with suppress(RPCError):
            await self.pass_time(span, handle)

    async def reach(self, status: DeliveryStatus) -> None:
        """Wait until the database shows the status."""

        async def is_there() -> bool:
            return bool((await self.standing())["status"] == status)

        await until(is_there)

    async def parked(self, step: str) -> None:
        """Wait until the step is parked."""

        async def is_parked() -> bool:
            return bool((await self.standing())["attention"] == step)

        await until(is_parked)

    async def happened(self, event: str) -> None:
        """Wait until the timeline shows an event."""

        async def is_shown() -> bool:
            return event in await self.events()

        await until(is_shown)

    async def standing(self) -> dict[str, Any]:
        async with self.engine.connect() as connection:
            rows = await connection.execute(
                select(delivery).where(delivery.c.delivery_id == self.order.delivery_id)
            )
            return dict(rows.mappings().one())

    async def events(self) -> list[str]:
        rows = await self.read(
            select(event.c.kind)
            .where(event.c.delivery_id == self.order.delivery_id)
            .order_by(event.c.sequence)
        )
        return [row[0] for row in rows]

    async def balance(self, account: str) -> int:
        """What stands on an account, in minor units on the account's own side."""
        async with self.engine.connect() as connection:
            return sum(
                line.balance.amount_minor
                for line in await balances(connection)
                if line.account.name == account
            )

    async def read(self, statement: Any) -> list[Any]:
        async with self.engine.connect() as connection:
            return list(await connection.execute(statement))


async def _is_running(handle: WorkflowHandle[Any, Any]) -> bool:
    try:
        await handle.describe()
    except Exception:  # noqa: BLE001 -- The child is not there yet.
        return False
    return True


async def is_idle(handle: WorkflowHandle[Any, Any]) -> bool:
    """Tell whether a workflow has armed its timers, which the time is then to pass."""
    shown = (await handle.describe()).raw_description
    return not shown.HasField("pending_workflow_task")


async def refusal_of(attempt: Awaitable[Any]) -> str:
    """Return the code with which a command is refused."""
    with pytest.raises(WorkflowUpdateFailedError) as refused:
        await attempt
    cause = refused.value.cause
    assert isinstance(cause, ApplicationError)
    return cause.type or ""


async def make_play(
    environment: WorkflowEnvironment,
    engine: AsyncEngine,
    make_person: MakePerson,
    make_parcel: MakeParcel,
    policies: Policies,
) -> Play:
    """Create the people and the parcel of one delivery; nothing is opened yet."""
    customer = await make_person("customer", email="c@example.org")
    recipient = await make_person("customer", email="r@example.org")
    expires_at = datetime.now(UTC) + timedelta(seconds=policies.windows.request_s)
    delivery_id: DeliveryId = await make_parcel(
        customer_id=customer, recipient_id=recipient, request_expires_at=expires_at
    )
    order = DeliveryOrder(
        delivery_id=delivery_id,
        customer_id=customer,
        sender_id=customer,
        recipient_id=recipient,
        currency="EUR",
        request_expires_at=expires_at,
        pickup_by=None,
        deliver_by=None,
        policies=policies,
    )
    return Play(
        environment=environment,
        engine=engine,
        customer=Actor(Role.CUSTOMER, customer),
        traveler=Actor(Role.TRAVELER, await _traveler(make_person)),
        rival=Actor(Role.TRAVELER, await _traveler(make_person)),
        recipient=Actor(Role.RECIPIENT, recipient),
        agent=Actor(Role.AGENT, await make_person("agent")),
        order=order,
    )


async def _traveler(make_person: MakePerson) -> PersonId:
    return await make_person("traveler", email="t@example.org", payout_account="acct_sandbox_t")
