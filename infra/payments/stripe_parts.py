"""Everything that speaks to Stripe, made from the settings: imported only where it is chosen."""

from __future__ import annotations

from dataclasses import dataclass

import stripe

from infra.payments.stripe_client import BoundedClient, stripe_client
from infra.payments.stripe_disputes import StripeDisputes
from infra.payments.stripe_listing import StripeEventList
from infra.payments.stripe_onboarding import StripeOnboarding
from infra.payments.stripe_provider import StripeProvider
from infra.payments.stripe_statement import StripeStatement
from infra.settings import Settings


@dataclass(frozen=True)
class StripeParts:
    """The parts share one client and its connections."""

    provider: StripeProvider
    onboarding: StripeOnboarding
    disputes: StripeDisputes
    events: StripeEventList
    statement: StripeStatement
    http: stripe.HTTPXClient

    async def close(self) -> None:
        """Close the connections."""
        await self.http.close_async()  # type: ignore[no-untyped-call]


def stripe_parts(settings: Settings, http: stripe.HTTPXClient | None = None) -> StripeParts:
    """Return the parts; nothing is connected before the first call."""
    http = http or BoundedClient()
    client = stripe_client(
        settings.stripe_secret_key.get_secret_value(),
        settings.stripe_api_version,
        settings.stripe_url,
        http,
    )
    secrets = (settings.stripe_webhook_secret, settings.stripe_connect_webhook_secret)
    provider = StripeProvider(
        client,
        [secret.get_secret_value() for secret in secrets],
        is_live=settings.stripe_is_live,
    )
    return StripeParts(
        provider=provider,
        onboarding=StripeOnboarding(client),
        disputes=StripeDisputes(client),
        events=StripeEventList(client),
        statement=StripeStatement(client),
        http=http,
    )
