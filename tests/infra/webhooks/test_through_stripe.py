"""A real delivery whose customer answers the bank: Stripe's events carry it on, in any order."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType

from domain.ids import DeliveryId
from domain.policies import Policies
from domain.provider_news import PaymentNews
from domain.status import DeliveryStatus
from infra.webhooks.signals import DeliverySignals
from tests.conftest import MakeParcel, MakePerson
from tests.infra.webhooks.post_room import PostRoom
from tests.stripe_installation import Installation, installed
from tests.workflows.play import Play, make_play


@pytest.fixture(scope="module")
async def installation(database_url: str, engine: AsyncEngine) -> AsyncIterator[Installation]:
    async with installed(database_url, engine) as installation:
        yield installation


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
    delivered = await installation.bring_news(copies=copies)
    assert {each.status for each in delivered} == {200}
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
