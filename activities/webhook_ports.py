"""What the webhook activities need from the world, and what they hand on."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from activities.payment_ports import ProviderEvent
from domain.ids import CorrectionId, DeliveryId
from domain.provider_news import PaymentNews


class WebhookReader(Protocol):
    """The part of a payment provider that reads its messages; it calls nobody."""

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Read one message from its raw body.

        Raises:
            WebhookRefused: it is not signed by the provider, or not now.
        """
        ...


class ProviderEventList(Protocol):
    """The provider's own list of what happened: what a webhook failed to bring is in there."""

    def since(self, moment: datetime) -> AsyncIterator[Sequence[ProviderEvent]]:
        """Return everything from a moment on, page by page, in no certain order.

        Raises:
            ProviderUnavailable, ProviderRefused, OutcomeUnknown: as every call of the provider.
        """
        ...


class DeliveryNews(Protocol):
    """The way to the deliveries."""

    async def tell(self, delivery_id: DeliveryId, news: PaymentNews) -> bool:
        """Tell a delivery of news; return whether its workflow is running.

        Idempotency: being told again makes it read the same object again, which changes nothing.
        """
        ...


class ChargebackNotHandled(Exception):
    """Nothing here takes chargebacks yet: the event is kept until something does."""


class Chargebacks(Protocol):
    """The way to the chargebacks."""

    async def start_chargeback(
        self, provider: str, dispute_id: str, charge_operation_id: str
    ) -> None:
        """Begin a chargeback, or tell the one that has begun to read its dispute again.

        Raises:
            ChargebackNotHandled: nothing here takes chargebacks.
        Idempotency: one chargeback per dispute, however often and in whatever order it is called.
        """
        ...


class Surprises(Protocol):
    """The way to whoever deals with money that moves after the fact."""

    async def start_undoing(self, operation_id: str, object_id: str) -> None:
        """Have an operation read again that had succeeded and may have come undone.

        Idempotency: it comes undone once, however often it is read.
        """
        ...

    async def tell_correction(self, correction_id: CorrectionId, news: PaymentNews) -> bool:
        """Tell a correction of news; return whether it is under way."""
        ...

    async def report_payout(self, account: str, payout_id: str) -> None:
        """Tell people that a payout came back which the provider had made by itself.

        Idempotency: one payout is one thing to look at.
        """
        ...


@dataclass(frozen=True, slots=True)
class DispatchReport:
    """What one round over the inbox did, in events."""

    told: int = 0
    seen: int = 0
    waiting: int = 0
    postponed: int = 0
    dead: int = 0
    missed: int = 0
    """Found in the provider's list although no webhook had brought them."""


class Webhooks(Protocol):
    """The inbox of provider events."""

    async def dispatch(self, wait_s: float) -> DispatchReport:
        """Hand on what is due, waiting up to `wait_s` seconds for the first event to appear."""
        ...

    async def catch_up(self) -> DispatchReport:
        """Take what the provider lists and no webhook has brought into the inbox.

        Raises:
            ProviderUnavailable, ProviderRefused, OutcomeUnknown: from the provider.
        """
        ...
