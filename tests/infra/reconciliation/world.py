"""Deliveries whose money really moves at a provider, and somebody who makes both sides differ."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import Operation, PaymentProvider, ProviderAnswer, ProviderUnavailable
from activities.reconciliation_ports import ProviderStatement
from domain.ledger import LedgerTransaction, provider_fee_booking
from domain.money import Money
from domain.policies import ReconciliationPolicy
from domain.reconciliation.lines import BalanceLine
from domain.reconciliation.report import ReconciliationReport
from domain.transitions import EventKind, OperationKind, PaymentIntent, PaymentOutcome, Transition
from infra.database.ledger import book
from infra.database.schema import attention_item
from infra.payments.sandbox import SandboxProvider
from infra.reconciliation.runs import DatabaseReconciliation
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import FEE, PRICE, Story
from tests.infra.payments.conftest import Stripe

PART = Money(100, "EUR")
AT_ONCE = ReconciliationPolicy(grace_s=-60, window_s=30 * 86_400)
"""Nothing is given time: what differs now is a difference now."""


class PaidStory(Story):
    """A delivery whose every movement of money is asked of a provider before it is booked."""

    provider: PaymentProvider
    method: str
    account: str

    @property
    def charge(self) -> PaymentIntent:
        return replace(super().charge, method=self.method)

    @property
    def payout(self) -> PaymentIntent:
        return replace(super().payout, method=self.account)

    def transfer_intent(self, amount: Money = PRICE - FEE, fee: Money = FEE) -> PaymentIntent:
        return replace(super().transfer_intent(amount, fee), method=self.account)

    async def finish(
        self, intent: PaymentIntent, booking: LedgerTransaction | None, transition: Transition
    ) -> None:
        answer = await self.ask(intent)
        bookings = [booking] if booking is not None else []
        if answer.fee is not None and booking is not None:
            bookings.append(self.fee_booking(answer.fee))
        finished = intent, PaymentOutcome.SUCCEEDED, answer.provider_id, tuple(bookings), transition
        await self.operations.finish(*finished)
        self.standing = transition.standing

    async def ask(self, intent: PaymentIntent) -> ProviderAnswer:
        """Ask the provider and record nothing of its answer."""
        state = await self.operations.mark_sent(intent)
        answer = await self._ask(intent, state.operation)
        assert answer.outcome is PaymentOutcome.SUCCEEDED
        self.made[intent.operation_id] = answer.provider_id
        return answer

    async def _ask(self, intent: PaymentIntent, operation: Operation) -> ProviderAnswer:
        if intent.kind is OperationKind.CHARGE:
            return await self.provider.charge(operation, intent.amount, intent.method)
        if intent.kind is OperationKind.TRANSFER:
            return await self.provider.transfer(operation, intent.amount, intent.method)
        if intent.kind is OperationKind.REFUND:
            return await self.provider.refund(operation, intent.amount)
        if self.provider.capabilities.automatic_payouts:
            return ProviderAnswer(PaymentOutcome.SUCCEEDED, "")
        return await self.provider.pay_out(operation, intent.amount, intent.method)

    async def refunded_by_hand(self, refund_id: str, amount: Money) -> None:
        """Book a refund that somebody made at the provider, as an operator would."""
        intent = self.refund_intent(amount)
        moves = {"status": "refunding", "escrow": "refunding"}
        started = EventKind.REFUND_STARTED
        await self.tell(started, self.customer, intent=intent, moves=moves)
        await self.operations.mark_sent(intent)
        booking = self.refund_booking(amount)
        done = intent, PaymentOutcome.SUCCEEDED, refund_id, (booking,), None
        await self.operations.finish(*done)

    def unasked(self) -> Story:
        """Return the same delivery, told without asking the provider."""
        return Story(self.engine, self.delivery_id, self.customer, self.traveler)

    async def fee(self) -> Money | None:
        """Return what the provider kept of the charge."""
        charge = await self.operations.operation(self.charge.operation_id)
        assert charge is not None
        answer = await self.provider.find(charge)
        assert answer is not None
        return answer.fee

    def fee_booking(self, fee: Money) -> LedgerTransaction:
        return provider_fee_booking(f"{self.charge.operation_id}:fee", self.delivery_id, fee)


class StatementWith:
    """A statement that is true but for what a test wants."""

    def __init__(
        self,
        real: ProviderStatement,
        balances: Mapping[str, int] | None = None,
        *,
        moves: bool = False,
        fails_after: int | None = None,
    ) -> None:
        self._real = real
        self._balances = balances
        self._moves = moves
        self.provider, self.covers_payouts = real.provider, real.covers_payouts
        self.fails_after = fails_after
        self.windows: list[tuple[datetime, datetime]] = []

    async def lines(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[BalanceLine]]:
        self.windows.append((since, until))
        if self.fails_after is not None and len(self.windows) > self.fails_after:
            raise ProviderUnavailable("The line is cut.")
        async for page in self._real.lines(since, until):
            yield page

    async def balances(self) -> Mapping[str, int]:
        found = dict(await self._real.balances() if self._balances is None else self._balances)
        if self._moves:
            found["EUR"] += next(_MOVING)
        return found


_MOVING = count()


@dataclass
class World:
    """One installation: its database, its provider and the runs that compare the two."""

    engine: AsyncEngine
    provider: PaymentProvider
    statement: ProviderStatement
    stripe: Stripe | None = None
    policy: ReconciliationPolicy = AT_ONCE
    runs: list[ReconciliationReport] = field(default_factory=list)

    async def story(self) -> PaidStory:
        """Return a delivery that is not opened yet."""
        begun = await begin_story(self.engine)
        story = PaidStory(begun.engine, begun.delivery_id, begun.customer, begun.traveler)
        story.provider = self.provider
        story.method = "pm_card_bypassPending" if self.stripe else "pm_sandbox_ok"
        story.account = f"acct_sandbox_{uuid4().hex}"
        if self.stripe is not None:
            story.account = await self.stripe.account()
        return story

    async def held(self) -> PaidStory:
        """Return a delivery whose payment is held."""
        story = await self.story()
        await story.held()
        return story

    async def completed(self) -> PaidStory:
        """Return a delivery that went well to its end."""
        story = await self.held()
        await story.deliver()
        await story.release()
        return story

    async def refunded(self) -> PaidStory:
        """Return a delivery whose payment went back."""
        story = await self.held()
        await story.begin_refund()
        await story.refund()
        return story

    async def refund_by_hand(self, story: PaidStory, amount: Money) -> str:
        """Give money back at the provider, behind the platform's back; return the refund's id."""
        charge_id = story.charge.operation_id
        if self.stripe is None:
            by_hand = Operation(
                OperationKind.REFUND,
                f"by-hand-{uuid4().hex}",
                Operation(OperationKind.CHARGE, charge_id),
            )
            return (await self.provider.refund(by_hand, amount)).provider_id
        made = await self.stripe.client.v1.refunds.create_async(
            {"payment_intent": story.made[charge_id], "amount": amount.amount_minor}
        )
        return made.id

    async def transfer_behind_the_back(self, story: PaidStory) -> None:
        """Send the traveler's share under the name of our operation, with a key of its own."""
        intent = story.transfer_intent(PART)
        charge = await story.operations.operation(story.charge.operation_id)
        again = Operation(intent.kind, intent.operation_id, charge, attempt=9)
        await self.provider.transfer(again, PART, story.account)

    async def fail_refund(self, story: PaidStory) -> None:
        """Let the bank send a refund back."""
        operation_id = story.refund_intent().operation_id
        if self.stripe is not None:
            self.stripe.stand_in.world.fail_refund(story.made[operation_id])
        else:
            assert isinstance(self.provider, SandboxProvider)
            await self.provider.fail_refund(operation_id)

    async def book(self, *transactions: LedgerTransaction) -> None:
        """Book something without asking anybody."""
        async with self.engine.begin() as connection:
            await book(connection, transactions)

    async def reconcile(self, *, later: timedelta = timedelta()) -> ReconciliationReport:
        """Run once, now or as if it were later."""
        reconciliation = DatabaseReconciliation(
            self.engine, self.statement, self.policy, lambda: datetime.now(UTC) + later
        )
        run_id = uuid4().hex
        await reconciliation.read_statement(run_id)
        self.runs.append(await reconciliation.compare(run_id))
        return self.runs[-1]

    async def items(self) -> list[Row[Any]]:
        """Return every item there ever was, the oldest first."""
        async with self.engine.connect() as connection:
            found = await connection.execute(
                select(attention_item).order_by(attention_item.c.item_id)
            )
            return list(found)

    async def open_items(self) -> list[Row[Any]]:
        return [item for item in await self.items() if item.settled_at is None]
