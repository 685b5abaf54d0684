"""What no webhook has brought is found in the provider's list, and only once."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
import stripe
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderUnavailable
from activities.webhook_ports import DispatchReport
from infra.payments.stripe_client import BoundedClient, stripe_client
from infra.payments.stripe_events import SIGNATURE_HEADER, parse_event
from infra.payments.stripe_listing import StripeEventList
from infra.webhooks.catching_up import FIRST_LOOK, OVERLAP, CatchingUp
from tests.infra.webhooks.post_room import HAPPENED_AT, Pages, PostRoom, event
from tests.stripe_stand_in import API_KEY, SECRET, Fault, StripeStandIn
from tests.stripe_stand_in.payments import paid_charge


@pytest.fixture
async def stand_in() -> AsyncIterator[StripeStandIn]:
    async with StripeStandIn() as running:
        yield running
    assert running.drift == []


@pytest.fixture
async def client(stand_in: StripeStandIn) -> AsyncIterator[stripe.StripeClient]:
    http = BoundedClient()
    yield stripe_client(API_KEY, api_url=stand_in.url, http_client=http)
    await http.close_async()  # type: ignore[no-untyped-call]


async def test_a_list_is_read_from_where_the_last_reading_came_to(
    post_room: PostRoom, engine: AsyncEngine
) -> None:
    events = [
        event("customer.created", "cus", happened_at=HAPPENED_AT + timedelta(minutes=minute))
        for minute in range(4)
    ]
    listed = Pages(events[2:], events[:2])
    catching_up = CatchingUp(engine, "stripe", listed)
    before = datetime.now(UTC)
    assert await post_room.receive(events[0]) == 1
    assert await post_room.webhooks(catching_up).catch_up() == DispatchReport(missed=3)
    assert await catching_up.run() == 0
    assert before - FIRST_LOOK <= listed.asked[0] <= datetime.now(UTC) - FIRST_LOOK
    assert listed.asked[1] >= listed.asked[0] - OVERLAP
    sources = [(await post_room.row(each)).source for each in events]
    assert sources == ["webhook", "list", "list", "list"]


async def test_a_reading_that_breaks_off_is_repeated_from_its_start(
    post_room: PostRoom, engine: AsyncEngine
) -> None:
    ahead = datetime.now(UTC) + timedelta(minutes=1)
    newest = event("customer.created", "cus_2", happened_at=ahead)
    older = event("customer.created", "cus_1", happened_at=ahead - timedelta(minutes=1))
    broken = CatchingUp(engine, "stripe", Pages([newest], fault=ProviderUnavailable("away")))
    with pytest.raises(ProviderUnavailable):
        await broken.run()
    whole = Pages([newest], [older])
    assert await CatchingUp(engine, "stripe", whole).run() == 1
    assert whole.asked[0] <= datetime.now(UTC) - FIRST_LOOK
    assert await CatchingUp(engine, "stripe", whole).run() == 0
    assert whole.asked[1] == ahead - OVERLAP


async def test_without_a_provider_that_lists_nothing_is_read(post_room: PostRoom) -> None:
    assert await post_room.webhooks().catch_up() == DispatchReport()


async def test_stripes_list_brings_what_its_webhooks_would_have_brought(
    post_room: PostRoom,
    engine: AsyncEngine,
    stand_in: StripeStandIn,
    client: stripe.StripeClient,
) -> None:
    for _ in range(30):
        await paid_charge(client)
    posts = stand_in.webhooks.posts(stand_in.webhooks.undelivered())
    by_webhook = [
        parse_event(
            post.body,
            {SIGNATURE_HEADER: post.headers["Stripe-Signature"]},
            (SECRET,),
            datetime.now(UTC),
            is_live=False,
        )
        for post in posts
    ]
    delivered = by_webhook[::3]
    await post_room.receive(*delivered)
    catching_up = CatchingUp(engine, "stripe", StripeEventList(client))
    assert await catching_up.run() == len(by_webhook) - len(delivered)
    assert await catching_up.run() == 0
    assert await post_room.count() == len(by_webhook) > 100
    assert await post_room.receive(*by_webhook) == 0, "the list and the webhooks name them alike"


async def test_a_list_that_stripe_does_not_give_is_tried_again_later(
    post_room: PostRoom,
    engine: AsyncEngine,
    stand_in: StripeStandIn,
    client: stripe.StripeClient,
) -> None:
    await paid_charge(client)
    stand_in.faults.put("GET /v1/events", Fault.RATE_LIMIT)
    catching_up = CatchingUp(engine, "stripe", StripeEventList(client))
    with pytest.raises(ProviderUnavailable):
        await catching_up.run()
    assert await catching_up.run() == await post_room.count() > 0
