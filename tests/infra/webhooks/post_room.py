"""The inbox with two addressees that write down what they are told, and its end state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderEvent, ProviderEventKind
from activities.webhook_ports import ChargebackNotHandled, DispatchReport
from domain.ids import CorrectionId, DeliveryId
from domain.policies import WebhookPolicy
from domain.provider_news import PaymentNews
from infra.database.schema import provider_object, webhook_event
from infra.webhooks.catching_up import CatchingUp
from infra.webhooks.dispatch import DatabaseWebhooks
from infra.webhooks.inbox import Inbox

HAPPENED_AT = datetime(2026, 5, 1, 9, 30, tzinfo=UTC)
QUICK = WebhookPolicy(first_wait_s=60, longest_wait_s=120, tries_max=3)

Told = tuple[str, str, str]
"""Delivery, operation and object of one piece of news."""


@dataclass
class Addressees:
    """Deliveries and chargebacks that write down what they are told."""

    deliveries: list[Told] = field(default_factory=list)
    chargebacks: list[Told] = field(default_factory=list)
    undone: list[tuple[str, str]] = field(default_factory=list)
    """Operation and object of what may have come undone."""
    payouts: list[tuple[str, str]] = field(default_factory=list)
    """Account and payout of what came back by itself."""
    corrections: list[Told] = field(default_factory=list)
    running: bool = True
    takes_chargebacks: bool = True
    faults: list[Exception] = field(default_factory=list)
    """Raised by the next calls, one each."""
    close: Callable[[], Awaitable[None]] | None = None
    """Closes the delivery right before it is told, which is then in vain."""

    async def tell(self, delivery_id: DeliveryId, news: PaymentNews) -> bool:
        if self.faults:
            raise self.faults.pop()
        if self.close is not None:
            await self.close()
            return False
        if self.running:
            self.deliveries.append((delivery_id, news.operation_id, news.object_id))
        return self.running

    async def start_chargeback(
        self, provider: str, dispute_id: str, charge_operation_id: str
    ) -> None:
        if not self.takes_chargebacks:
            raise ChargebackNotHandled
        self.chargebacks.append((provider, charge_operation_id, dispute_id))

    async def start_undoing(self, operation_id: str, object_id: str) -> None:
        self.undone.append((operation_id, object_id))

    async def tell_correction(self, correction_id: CorrectionId, news: PaymentNews) -> bool:
        if self.running:
            self.corrections.append((correction_id, news.operation_id, news.object_id))
        return self.running

    async def report_payout(self, account: str, payout_id: str) -> None:
        self.payouts.append((account, payout_id))


class PostRoom:
    """Everything between a provider and those whom its events concern."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.inbox = Inbox(engine)
        self.addressees = Addressees()

    def webhooks(self, catching_up: CatchingUp | None = None) -> DatabaseWebhooks:
        return DatabaseWebhooks(
            self.engine,
            self.addressees,
            self.addressees,
            catching_up,
            figures=QUICK,
            surprises=self.addressees,
        )

    async def receive(self, *events: ProviderEvent) -> int:
        return await self.inbox.receive("stripe", events, "webhook")

    async def dispatch(self) -> DispatchReport:
        return await self.webhooks().dispatch(0)

    async def dispatch_all(self) -> None:
        """Work until nothing is due."""
        while await self.dispatch() != DispatchReport():
            pass

    async def make_due(self) -> None:
        past = datetime.now(UTC) - timedelta(seconds=1)
        async with self.engine.begin() as connection:
            await connection.execute(update(webhook_event).values(due_at=past))

    async def row(self, event: ProviderEvent) -> Any:
        query = select(webhook_event).where(webhook_event.c.event_id == event.event_id)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).one()

    async def count(self) -> int:
        async with self.engine.connect() as connection:
            return int(await connection.scalar(text("SELECT count(*) FROM webhook_event")) or 0)

    async def word(self, object_id: str) -> Any:
        query = select(provider_object).where(provider_object.c.object_id == object_id)
        async with self.engine.connect() as connection:
            return (await connection.execute(query)).one_or_none()

    async def end_state(self) -> tuple[list[Any], list[Any]]:
        """What became of every event, and the last word on every object."""
        settled = select(
            webhook_event.c.event_id,
            webhook_event.c.state,
            webhook_event.c.note,
            webhook_event.c.delivery_id,
        ).order_by(webhook_event.c.event_id)
        words = select(provider_object).order_by(provider_object.c.object_id)
        async with self.engine.connect() as connection:
            return list(await connection.execute(settled)), list(await connection.execute(words))


def event(
    name: str, object_id: str, kind: ProviderEventKind | None = None, **more: Any
) -> ProviderEvent:
    """Return an event with an id of its own."""
    return ProviderEvent(
        event_id=more.pop("event_id", f"evt_{uuid4().hex}"),
        kind=kind or KINDS[name.partition(".")[0]],
        name=name,
        object_id=object_id,
        happened_at=more.pop("happened_at", HAPPENED_AT),
        **more,
    )


KINDS = {
    "payment_intent": ProviderEventKind.CHARGE,
    "refund": ProviderEventKind.REFUND,
    "transfer": ProviderEventKind.TRANSFER,
    "payout": ProviderEventKind.PAYOUT,
    "account": ProviderEventKind.ACCOUNT,
    "customer": ProviderEventKind.OTHER,
}


class Pages:
    """A provider's list that is read page by page; it remembers from when on it was asked."""

    def __init__(self, *pages: Sequence[ProviderEvent], fault: Exception | None = None) -> None:
        self.pages = pages
        self.fault = fault
        self.asked: list[datetime] = []

    async def since(self, moment: datetime) -> AsyncIterator[Sequence[ProviderEvent]]:
        self.asked.append(moment)
        for page in self.pages:
            yield page
        if self.fault is not None:
            raise self.fault
