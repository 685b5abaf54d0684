"""Everything that speaks to the payment provider, made once per process and closed at its end."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncEngine

from activities.chargeback_ports import CardDisputes
from activities.onboarding_ports import Onboarding
from activities.payment_ports import PaymentProvider
from activities.reconciliation_ports import ProviderStatement
from activities.webhook_ports import ProviderEventList
from infra.payments.sandbox import SandboxProvider
from infra.payments.sandbox_disputes import SandboxDisputes
from infra.payments.sandbox_onboarding import SandboxOnboarding
from infra.payments.sandbox_statement import SandboxStatement
from infra.settings import Settings


class PaymentParts(Protocol):
    """What a payment provider consists of for the platform."""

    @property
    def provider(self) -> PaymentProvider:
        """Moves money."""

    @property
    def onboarding(self) -> Onboarding:
        """Sets travelers up, so that they can be sent money."""

    @property
    def disputes(self) -> CardDisputes:
        """Answers chargebacks."""

    @property
    def events(self) -> ProviderEventList | None:
        """Lists what happened; none where the provider keeps no list."""

    @property
    def statement(self) -> ProviderStatement:
        """Says what the provider moved."""

    async def close(self) -> None:
        """Close the connections."""


class SandboxParts:
    """The sandbox, which needs nothing but our own database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.provider = SandboxProvider(engine)
        self.onboarding = SandboxOnboarding()
        self.disputes = SandboxDisputes(engine)
        self.events = None
        self.statement = SandboxStatement(engine)

    async def close(self) -> None:
        """Do nothing: the engine is closed by whoever made it."""


def payment_parts(engine: AsyncEngine, settings: Settings) -> PaymentParts:
    """Return the parts that the settings choose; nothing is connected before the first call.

    Stripe's SDK is imported only where it is chosen.
    """
    if settings.payments == "sandbox":
        return SandboxParts(engine)
    from infra.payments.stripe_parts import stripe_parts  # noqa: PLC0415 -- Costs 200 ms.

    return stripe_parts(settings)
