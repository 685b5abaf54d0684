"""The whole platform with Stripe's stand-in as its provider, on a Temporal server of its own."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import httpx
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import WorkflowEnvironment

from activities.webhook_ports import DispatchReport
from api.composition import create_app
from infra.chargebacks.starting import ChargebackStarts
from infra.database.attention import DatabaseAttention
from infra.payments.parts import payment_parts
from infra.payments.stripe_parts import StripeParts
from infra.polling import polling
from infra.settings import Settings, load_settings
from infra.webhooks.dispatch import DatabaseWebhooks
from infra.webhooks.signals import DeliverySignals
from infra.webhooks.surprises import UndoingStarts
from tests.keys import encrypting
from tests.stripe_stand_in import API_KEY, SECRET, Delivered, DeliveryPlan, StripeStandIn
from tests.temporal_server import start_temporal
from tests.workflows.play import HANDOVER_KEY
from worker import workers


@dataclass
class Installation:
    """The platform with Stripe's stand-in as its provider."""

    server: WorkflowEnvironment
    engine: AsyncEngine
    stand_in: StripeStandIn
    payments: StripeParts
    http: httpx.AsyncClient

    async def endpoint(self, body: bytes, headers: Mapping[str, str]) -> int:
        answer = await self.http.post("/v1/webhooks/stripe", content=body, headers=dict(headers))
        return answer.status_code

    @property
    def webhooks(self) -> DatabaseWebhooks:
        client = self.server.client
        return DatabaseWebhooks(
            self.engine,
            DeliverySignals(client),
            ChargebackStarts(self.engine, client),
            surprises=UndoingStarts(client, DatabaseAttention(self.engine)),
        )

    async def bring_news(self, *, copies: int = 1) -> list[Delivered]:
        """Have every message of Stripe come in, so often and in any order, and handed on."""
        plan = DeliveryPlan(copies=copies, shuffle=random.Random(copies))  # noqa: S311
        delivered = await self.stand_in.webhooks.deliver(self.endpoint, plan=plan)
        while await self.webhooks.dispatch(0) != DispatchReport():
            pass
        return delivered

    async def account(self, name: str) -> str:
        """Return a traveler's account that can be sent money."""
        account = await self.payments.onboarding.open_account(name, "ES", "EUR")
        self.stand_in.world.complete_onboarding(account)
        return account


@asynccontextmanager
async def installed(database_url: str, engine: AsyncEngine) -> AsyncIterator[Installation]:
    """Run it: other workers poll the same queues on the session's server."""
    async with await start_temporal() as server, StripeStandIn() as stand_in:
        encrypting(server, engine)
        settings = stripe_settings(database_url, server, stand_in)
        app = create_app(settings)
        transport = httpx.ASGITransport(app)
        async with AsyncExitStack() as stack:
            payments = payment_parts(engine, settings)
            assert isinstance(payments, StripeParts)
            stack.push_async_callback(payments.close)
            ready = workers(server.client, engine, settings, payments=payments)
            await stack.enter_async_context(polling(*ready))
            await stack.enter_async_context(app.router.lifespan_context(app))
            http = httpx.AsyncClient(transport=transport, base_url="https://sendalong.test")
            await stack.enter_async_context(http)
            yield Installation(server, engine, stand_in, payments, http)
    assert stand_in.drift == []


def stripe_settings(
    database_url: str, server: WorkflowEnvironment, stand_in: StripeStandIn
) -> Settings:
    """Return settings with Stripe's stand-in as the provider."""
    return load_settings(
        database_url=database_url,
        temporal_address=server.client.service_client.config.target_host,
        handover_key=SecretStr(b64encode(HANDOVER_KEY).decode()),
        payments="stripe",
        stripe_secret_key=SecretStr(API_KEY),
        stripe_webhook_secret=SecretStr(SECRET),
        stripe_url=stand_in.url,
    )
