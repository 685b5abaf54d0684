"""A real delivery whose customer answers the bank: Stripe's events carry it on, in any order."""

from __future__ import annotations

import random
from base64 import b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.testing import WorkflowEnvironment

from activities.webhook_ports import DispatchReport
from api.composition import create_app
from domain.ids import DeliveryId
from domain.policies import Policies
from domain.provider_news import PaymentNews
from domain.status import DeliveryStatus
from infra.database.attention import DatabaseAttention
from infra.payments.parts import payment_parts
from infra.polling import polling
from infra.settings import Settings, load_settings
from infra.webhooks.chargebacks import NoChargebacks
from infra.webhooks.dispatch import DatabaseWebhooks
from infra.webhooks.signals import DeliverySignals
from infra.webhooks.surprises import UndoingStarts
from tests.conftest import MakeParcel, MakePerson
from tests.infra.webhooks.post_room import PostRoom
from tests.stripe_stand_in import API_KEY, SECRET, DeliveryPlan, StripeStandIn
from tests.temporal_server import start_temporal
from tests.workflows.play import HANDOVER_KEY, Play, make_play
from worker import workers


@dataclass
class Installation:
    """The platform with Stripe's stand-in as its provider."""

    server: WorkflowEnvironment
    engine: AsyncEngine
    stand_in: StripeStandIn
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
            NoChargebacks(),
            surprises=UndoingStarts(client, DatabaseAttention(self.engine)),
        )


@pytest.fixture(scope="module")
async def installation(database_url: str, engine: AsyncEngine) -> AsyncIterator[Installation]:
    """On a Temporal server of its own: other workers poll the same queues on the session's."""
    async with await start_temporal() as server, StripeStandIn() as stand_in:
        settings = stripe_settings(database_url, server, stand_in)
        app = create_app(settings)
        transport = httpx.ASGITransport(app)
        async with AsyncExitStack() as stack:
            payments = payment_parts(engine, settings)
            stack.push_async_callback(payments.close)
            ready = workers(server.client, engine, settings, payments=payments)
            await stack.enter_async_context(polling(*ready))
            await stack.enter_async_context(app.router.lifespan_context(app))
            http = httpx.AsyncClient(transport=transport, base_url="https://sendalong.test")
            yield Installation(server, engine, stand_in, await stack.enter_async_context(http))
    assert stand_in.drift == []


def stripe_settings(
    database_url: str, server: WorkflowEnvironment, stand_in: StripeStandIn
) -> Settings:
    return load_settings(
        database_url=database_url,
        temporal_address=server.client.service_client.config.target_host,
        handover_key=SecretStr(b64encode(HANDOVER_KEY).decode()),
        payments="stripe",
        stripe_secret_key=SecretStr(API_KEY),
        stripe_webhook_secret=SecretStr(SECRET),
        stripe_url=stand_in.url,
    )


@pytest.fixture
async def play(
    installation: Installation, make_person: MakePerson, make_parcel: MakeParcel
) -> Play:
    """A delivery that waits for its customer to answer the bank."""
    play = await make_play(
        installation.server, installation.engine, make_person, make_parcel, Policies()
    )
    await play.open()
    await play.submit()
    await play.accept("pm_card_threeDSecureRequired", "acct_later")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    return play


@pytest.mark.parametrize("copies", [1, 5])
async def test_the_customers_answer_reaches_the_delivery_by_webhook(
    installation: Installation, post_room: PostRoom, play: Play, copies: int
) -> None:
    delivery_id = str(play.order.delivery_id)
    (intent,) = installation.stand_in.view.moved(delivery_id=delivery_id).intents
    installation.stand_in.world.authenticate(intent["id"])
    plan = DeliveryPlan(copies=copies, shuffle=random.Random(copies))  # noqa: S311
    delivered = await installation.stand_in.webhooks.deliver(installation.endpoint, plan=plan)
    assert {each.status for each in delivered} == {200}
    while await installation.webhooks.dispatch(0) != DispatchReport():
        pass
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    assert (await play.events()).count("payment_held") == 1
    assert await signals_of(play) <= len(delivered) / copies


async def test_what_comes_after_the_close_finds_nobody(
    installation: Installation, post_room: PostRoom, play: Play
) -> None:
    await play.cancel()
    await play.closed()
    signals = DeliverySignals(installation.server.client)
    news = PaymentNews("", "pi_1")
    assert not await signals.tell(play.order.delivery_id, news)
    assert not await signals.tell(DeliveryId("unknown"), news)
    await installation.stand_in.webhooks.deliver(installation.endpoint)
    report = await installation.webhooks.dispatch(0)
    assert (report.told, report.dead, report.postponed) == (0, 0, 0)
    assert report.seen > 0


async def signals_of(play: Play) -> int:
    history = await play.handle.fetch_history()
    signaled = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED
    return sum(event.event_type == signaled for event in history.events)
