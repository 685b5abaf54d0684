"""What a provider must bring along for its disputes to be put through the conformance suite."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol

from activities.chargeback_ports import CardDisputes
from activities.payment_ports import Operation, PaymentProvider, ProviderEvent
from domain.money import Money
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_disputes import SandboxDisputes
from infra.payments.sandbox_events import message_of
from infra.payments.sandbox_network import SandboxCardNetwork
from tests.infra.payments.conftest import Stripe


class DisputesUnderTest(Protocol):
    """A provider with its disputes, and the card network behind it."""

    @property
    def provider(self) -> PaymentProvider:
        """The provider itself."""

    @property
    def disputes(self) -> CardDisputes:
        """Its disputes."""

    @property
    def method(self) -> str:
        """A payment method with which all goes well."""

    async def open(
        self, charge: Operation, *, inquiry: bool = False, amount: Money | None = None
    ) -> str:
        """Let a cardholder complain; return the id of the dispute."""

    async def escalate(self, dispute_id: str) -> None:
        """Turn an inquiry into a chargeback."""

    async def decide(self, dispute_id: str, *, won: bool) -> None:
        """Let the bank decide."""

    async def close_inquiry(self, dispute_id: str) -> None:
        """Let an inquiry end."""

    def news(self) -> Sequence[ProviderEvent]:
        """Return what the provider's messages about disputes have said so far."""


@dataclass
class SandboxDisputesUnderTest:
    """The sandbox, whose card network is played."""

    provider: SandboxProvider
    disputes: SandboxDisputes
    network: SandboxCardNetwork
    heard: list[ProviderEvent]
    method: str = "pm_sandbox_ok"

    async def open(
        self, charge: Operation, *, inquiry: bool = False, amount: Money | None = None
    ) -> str:
        opens = self.network.open_inquiry if inquiry else self.network.open_chargeback
        events = await opens(charge.operation_id, amount, answer_in=timedelta(days=9))
        self._hear(events)
        return events[0].object_id

    async def escalate(self, dispute_id: str) -> None:
        self._hear(await self.network.escalate(dispute_id))

    async def decide(self, dispute_id: str, *, won: bool) -> None:
        self._hear(await self.network.decide(dispute_id, won=won))

    async def close_inquiry(self, dispute_id: str) -> None:
        self._hear(await self.network.close_inquiry(dispute_id))

    def news(self) -> Sequence[ProviderEvent]:
        return self.heard

    def _hear(self, events: Sequence[ProviderEvent]) -> None:
        messages = [message_of(event, datetime.now(UTC)) for event in events]
        self.heard += [self.provider.parse_webhook(*message) for message in messages]


@dataclass
class StripeDisputesUnderTest:
    """Stripe behind its stand-in, whose world opens and rules disputes."""

    parts: Stripe
    method: str = "pm_card_bypassPending"

    @property
    def provider(self) -> PaymentProvider:
        return self.parts.provider

    @property
    def disputes(self) -> CardDisputes:
        return self.parts.disputes

    async def open(
        self, charge: Operation, *, inquiry: bool = False, amount: Money | None = None
    ) -> str:
        (intent,) = [
            each
            for each in self.parts.stand_in.view.objects("payment_intent")
            if each["metadata"]["op_id"] == charge.operation_id
        ]
        dispute = self.parts.stand_in.world.open_dispute(
            intent["latest_charge"],
            inquiry=inquiry,
            amount=amount.amount_minor if amount else None,
        )
        return str(dispute["id"])

    async def escalate(self, dispute_id: str) -> None:
        self.parts.stand_in.world.escalate_inquiry(dispute_id)

    async def decide(self, dispute_id: str, *, won: bool) -> None:
        self.parts.stand_in.world.rule_dispute(dispute_id, won=won)

    async def close_inquiry(self, dispute_id: str) -> None:
        self.parts.stand_in.world.close_inquiry(dispute_id)

    def news(self) -> Sequence[ProviderEvent]:
        stand_in = self.parts.stand_in
        about = [each for each in stand_in.events if "charge.dispute." in str(each["type"])]
        posts = stand_in.webhooks.posts(about)
        return [self.parts.provider.parse_webhook(post.body, post.headers) for post in posts]
