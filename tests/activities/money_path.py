"""One delivery's way through the money, with the write-ahead records that the workflow makes."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import Operation
from domain.contracts import PLATFORM, Standing
from domain.ids import DeliveryId, PersonId
from domain.ledger import AccountKind
from domain.money import Money
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import (
    EventKind,
    MoneyCommand,
    OperationKind,
    PaymentIntent,
    PaymentOutcome,
    Transition,
)
from infra.database.invariants import check_invariants
from infra.database.ledger import balances_of, lines_of
from infra.database.records import DatabaseRecords
from infra.database.schema import delivery, payment_operation
from infra.payments.sandbox import SandboxProvider

PRICE = Money(4_200, "EUR")
FEE = Money(420, "EUR")
SHARE = PRICE - FEE
OPENED_AT = datetime(2030, 1, 1, 12, tzinfo=UTC)

Moved = Counter[tuple[str, int]]
"""How often which amount moved in which direction."""


@dataclass
class MoneyPath:
    """Records the intents of one delivery and returns the command that the workflow would send."""

    engine: AsyncEngine
    records: DatabaseRecords
    provider: SandboxProvider
    delivery_id: DeliveryId
    traveler_id: PersonId
    standing: Standing = field(default=Standing(DeliveryStatus.REQUESTED, EscrowStatus.NONE))
    attempt: int = 0

    async def open(self) -> None:
        await self.record(EventKind.REQUEST_OPENED, "request_opened", self.standing)

    async def hold(self, method: str = "pm_sandbox_ok") -> MoneyCommand:
        intent = PaymentIntent(self.charge_id, OperationKind.CHARGE, PRICE, method)
        holding = self.at(DeliveryStatus.ACCEPTED, EscrowStatus.HOLDING)
        await self.record(EventKind.OFFER_ACCEPTED, f"agreed:{self.attempt}", holding, intent)
        held = self.at(DeliveryStatus.AWAITING_PICKUP, EscrowStatus.HELD)
        due = self.at(DeliveryStatus.PAYMENT_DUE, EscrowStatus.HOLDING)
        return MoneyCommand(
            self.delivery_id,
            intent,
            self.transition(EventKind.PAYMENT_HELD, "payment_held", held),
            self.transition(EventKind.PAYMENT_UNSETTLED, f"unsettled:{self.attempt}", due),
        )

    async def void(self) -> MoneyCommand:
        operation_id = f"{self.delivery_id}:void:{self.attempt}"
        intent = PaymentIntent(
            operation_id, OperationKind.VOID, PRICE, source_operation_id=self.charge_id
        )
        status = await self.status()
        await self.record(
            EventKind.PAYMENT_VOID_STARTED,
            f"void_started:{self.attempt}",
            self.at(status, EscrowStatus.HOLDING),
            intent,
        )
        voided = self.at(DeliveryStatus.PAYMENT_DUE, EscrowStatus.NONE)
        return MoneyCommand(
            self.delivery_id,
            intent,
            self.transition(EventKind.PAYMENT_VOIDED, f"voided:{self.attempt}", voided),
        )

    async def refund(self, amount: Money = PRICE) -> MoneyCommand:
        intent = PaymentIntent(
            f"{self.delivery_id}:refund",
            OperationKind.REFUND,
            amount,
            source_operation_id=self.charge_id,
        )
        refunding = self.at(DeliveryStatus.REFUNDING, EscrowStatus.REFUNDING)
        await self.record(EventKind.REFUND_STARTED, "refund_started", refunding, intent)
        refunded = self.at(DeliveryStatus.CANCELLED, EscrowStatus.REFUNDED)
        on_success = self.transition(EventKind.REFUNDED, "refunded", refunded)
        return MoneyCommand(self.delivery_id, intent, on_success)

    async def release(self, account: str, share: Money = SHARE) -> MoneyCommand:
        intent = PaymentIntent(
            f"{self.delivery_id}:transfer",
            OperationKind.TRANSFER,
            share,
            account,
            self.charge_id,
            FEE,
        )
        carried = self.at(DeliveryStatus.IN_TRANSIT, EscrowStatus.HELD)
        await self.record(EventKind.PICKED_UP, "picked_up", carried)
        delivered = self.at(DeliveryStatus.DELIVERED, EscrowStatus.HELD)
        await self.record(EventKind.HANDED_OVER, "handed_over", delivered)
        releasing = self.at(DeliveryStatus.RELEASING, EscrowStatus.RELEASING)
        await self.record(EventKind.RELEASE_STARTED, "release_started", releasing, intent)
        released = self.at(DeliveryStatus.PAYING_OUT, EscrowStatus.RELEASED)
        on_success = self.transition(
            EventKind.RELEASED, "released", released, self._payout_intent(account, share)
        )
        return MoneyCommand(self.delivery_id, intent, on_success)

    def pay_out(self, account: str) -> MoneyCommand:
        """Return the command; its intent was recorded by the release."""
        completed = self.at(DeliveryStatus.COMPLETED, EscrowStatus.RELEASED)
        on_success = self.transition(EventKind.PAID_OUT, "paid_out", completed)
        return MoneyCommand(self.delivery_id, self._payout_intent(account), on_success)

    @property
    def charge_id(self) -> str:
        return f"{self.delivery_id}:charge:{self.attempt}"

    def at(self, status: DeliveryStatus, escrow: EscrowStatus) -> Standing:
        return Standing(status, escrow, traveler_id=self.traveler_id, price=PRICE)

    def transition(
        self, event: EventKind, key: str, standing: Standing, intent: PaymentIntent | None = None
    ) -> Transition:
        return Transition(
            delivery_id=self.delivery_id,
            key=key,
            event=event,
            actor=PLATFORM,
            at=OPENED_AT + timedelta(hours=self.attempt),
            standing=standing,
            facts={"amount": str(PRICE), "fee": str(FEE), "reason": "a test"},
            intent=intent,
        )

    async def record(
        self, event: EventKind, key: str, standing: Standing, intent: PaymentIntent | None = None
    ) -> None:
        await self.records.record(self.transition(event, key, standing, intent))

    async def status(self) -> DeliveryStatus:
        return DeliveryStatus((await self._delivery()).status)

    async def escrow(self) -> EscrowStatus:
        return EscrowStatus((await self._delivery()).escrow)

    @property
    def charge(self) -> Operation:
        return Operation(OperationKind.CHARGE, self.charge_id)

    def operation(self, intent: PaymentIntent) -> Operation:
        """Return an intent as the activity asks for it the first time."""
        source = self.charge if intent.source_operation_id else None
        return Operation(intent.kind, intent.operation_id, source)

    async def row(self, operation_id: str) -> Any:
        query = select(payment_operation).where(payment_operation.c.operation_id == operation_id)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).one()

    async def moved_at_provider(self) -> Moved:
        """What moved in the provider's books, in the ledger's words."""
        words = {"void": "refund", "transfer": "release"}
        return Counter(
            (words.get(entry.kind, entry.kind.value), entry.amount_minor)
            for entry in await self.provider.objects(self.delivery_id)
            if entry.outcome is PaymentOutcome.SUCCEEDED and entry.amount_minor
        )

    async def moved_in_ledger(self) -> Moved:
        """What was booked: for a release what the traveler got, the fee stays at the provider."""
        async with self.engine.connect() as connection:
            lines = await lines_of(connection, self.delivery_id)
        counted = {"charge", "refund", "payout"}
        return Counter(
            (line.kind, abs(line.posting.amount.amount_minor))
            for line in lines
            if (line.kind in counted and line.posting.account.kind is AccountKind.PROVIDER_CASH)
            or (line.kind == "release" and line.posting.account.kind is _PAYABLE)
        )

    async def balances(self) -> dict[AccountKind, int]:
        """What this delivery left on each kind of account; accounts at zero are left out."""
        async with self.engine.connect() as connection:
            found = await balances_of(connection, self.delivery_id)
        return {
            entry.account.kind: entry.balance.amount_minor
            for entry in found
            if entry.balance.amount_minor
        }

    async def require_in_step(self) -> Moved:
        """Check the invariants and that the ledger shows what the provider shows; return that."""
        moved = await self.moved_at_provider()
        assert await self.moved_in_ledger() == moved
        report = await check_invariants(self.engine, self.delivery_id)
        # Handover codes (I6) play no part here: pickup and handover are recorded without a scan.
        assert not [broken for broken in report.violations if broken.invariant != "I6"]
        return moved

    def _payout_intent(self, account: str, share: Money = SHARE) -> PaymentIntent:
        return PaymentIntent(f"{self.delivery_id}:payout", OperationKind.PAYOUT, share, account)

    async def _delivery(self) -> Any:
        query = select(delivery).where(delivery.c.delivery_id == self.delivery_id)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).one()


_PAYABLE = AccountKind.TRAVELER_PAYABLE
