"""The payment activities in front of Stripe's stand-in, on the real database."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, cast

from temporalio.exceptions import ApplicationError

from activities.operation_ports import PaymentOperations
from activities.payments import PaymentActivities
from domain.transitions import MoneyCommand, MoneyMoved
from infra.database.invariants import check_invariants
from infra.payments.stripe_client import BoundedClient, stripe_client
from infra.payments.stripe_onboarding import StripeOnboarding
from infra.payments.stripe_provider import StripeProvider
from tests.activities.money_path import MoneyPath
from tests.crashing import Crash
from tests.stripe_stand_in import API_KEY, StripeStandIn
from tests.stripe_stand_in import MoneyMoved as View

TRIES_MAX = 60
OK = "pm_card_bypassPending"
PAYMENT, REFUND, TRANSFER = "POST /v1/payment_intents", "POST /v1/refunds", "POST /v1/transfers"
Activity = Callable[[MoneyCommand], Awaitable[MoneyMoved]]


@dataclass
class AtStripe:
    """One stand-in for many deliveries, which keep out of each other's way."""

    stand_in: StripeStandIn
    provider: StripeProvider
    onboarding: StripeOnboarding
    payments: PaymentActivities
    account: str

    def moved(self, path: MoneyPath) -> View:
        return self.stand_in.view.moved(delivery_id=path.delivery_id)

    def keys(self, path: MoneyPath) -> list[str]:
        """Idempotency keys of a delivery's requests, in order."""
        keys = [seen.key or "" for seen in self.stand_in.requests]
        return [key for key in keys if key.startswith(path.delivery_id)]


@asynccontextmanager
async def at_stripe(operations: PaymentOperations) -> AsyncIterator[AtStripe]:
    """Run a stand-in with a traveler who can be sent money."""
    http = BoundedClient()
    async with StripeStandIn() as stand_in:
        client = stripe_client(API_KEY, api_url=stand_in.url, http_client=http)
        provider, onboarding = StripeProvider(client), StripeOnboarding(client)
        payments = PaymentActivities(provider, operations)
        account = await onboarding.open_account("traveler", "ES", "EUR")
        stand_in.world.complete_onboarding(account)
        yield AtStripe(stand_in, provider, onboarding, payments, account)
        assert stand_in.drift == []
    await cast("Any", http).close_async()


async def driven(activity: Activity, command: MoneyCommand) -> MoneyMoved:
    """Run an activity again after every failure that Temporal would try again."""
    for _ in range(TRIES_MAX):
        try:
            return await activity(command)
        except Crash:
            continue
        except ApplicationError as error:
            if error.non_retryable:
                raise
    raise AssertionError("the activity never came to its end")


async def require_sound(path: MoneyPath) -> None:
    report = await check_invariants(path.engine, path.delivery_id)
    # Handover codes (I6) play no part here: pickup and handover are recorded without a scan.
    assert not [broken for broken in report.violations if broken.invariant != "I6"]
