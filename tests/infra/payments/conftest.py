"""Stripe's stand-in, and the adapter's parts in front of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
import stripe

from infra.payments.stripe_client import BoundedClient, stripe_client
from infra.payments.stripe_disputes import StripeDisputes
from infra.payments.stripe_onboarding import StripeOnboarding
from infra.payments.stripe_provider import StripeProvider
from tests.stripe_stand_in import API_KEY, StripeStandIn
from tests.stripe_stand_in.webhooks import SECRET


@dataclass(frozen=True)
class Stripe:
    """The adapter's parts, and the stand-in that they speak to."""

    stand_in: StripeStandIn
    client: stripe.StripeClient
    provider: StripeProvider
    onboarding: StripeOnboarding
    disputes: StripeDisputes

    async def account(self) -> str:
        """Return a traveler's account that can be sent money."""
        account = await self.onboarding.open_account("traveler", "ES", "EUR")
        self.stand_in.world.complete_onboarding(account)
        return account


@pytest.fixture(scope="session")
async def http() -> AsyncIterator[BoundedClient]:
    """One connection pool for all tests; building one is the slow part."""
    client = BoundedClient()
    yield client
    await client.close_async()  # type: ignore[no-untyped-call]


@pytest.fixture
async def at_stripe(http: stripe.HTTPXClient) -> AsyncIterator[Stripe]:
    """Stripe, whose stand-in saw nothing that the SDK's types do not allow."""
    async with StripeStandIn() as stand_in:
        client = stripe_client(API_KEY, api_url=stand_in.url, http_client=http)
        provider = StripeProvider(client, (SECRET,))
        yield Stripe(stand_in, client, provider, StripeOnboarding(client), StripeDisputes(client))
        assert stand_in.drift == []
