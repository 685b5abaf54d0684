"""The webhook mill: however events arrive, they end where one delivery in order ends."""

from __future__ import annotations

import json
import random
import time
from base64 import b64encode
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy.ext.asyncio import AsyncEngine

from api.composition import create_app
from infra.payments.signatures import AGE_S_MAX, AHEAD_S_MAX
from infra.payments.stripe_client import BoundedClient, stripe_client
from infra.settings import load_settings
from tests.infra.webhooks.conftest import empty
from tests.infra.webhooks.post_room import PostRoom
from tests.infra.webhooks.stripe_world import StripeWorld
from tests.stripe_stand_in import API_KEY, SECRET, WRONG_SECRET, DeliveryPlan, StripeStandIn
from tests.stripe_stand_in.webhooks import WebhookPost

PATH = "/v1/webhooks/stripe"
MILL_SEEDS = (1, 2, 3)


class Endpoint:
    """The platform's endpoint, as the provider's posts reach it."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.answers: list[httpx.Response] = []

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> int:
        answer = await self.http.post(PATH, content=body, headers=dict(headers))
        self.answers.append(answer)
        return answer.status_code


@pytest.fixture(scope="module")
async def world(engine: AsyncEngine) -> AsyncIterator[StripeWorld]:
    """A world in which everything has happened; its events can be delivered again and again."""
    http = BoundedClient()
    async with StripeStandIn() as stand_in:
        client = stripe_client(API_KEY, api_url=stand_in.url, http_client=http)
        world = StripeWorld(engine, stand_in, client)
        await world.play()
        yield world
        await http.close_async()  # type: ignore[no-untyped-call]
    assert stand_in.drift == []


@pytest.fixture(scope="module")
async def http(database_url: str, world: StripeWorld) -> AsyncIterator[httpx.AsyncClient]:
    """The API as an installation with Stripe has it."""
    settings = load_settings(
        database_url=database_url,
        handover_key=SecretStr(b64encode(b"h" * 32).decode()),
        payments="stripe",
        stripe_secret_key=SecretStr(API_KEY),
        stripe_webhook_secret=SecretStr(SECRET),
        stripe_url=world.stand_in.url,
    )
    app = create_app(settings)
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="https://sendalong.test") as client,
    ):
        yield client


@pytest.fixture
def endpoint(http: httpx.AsyncClient) -> Endpoint:
    return Endpoint(http)


class Mill:
    """Delivers everything in a way of its own and returns what that ends in."""

    def __init__(self, post_room: PostRoom, world: StripeWorld, endpoint: Endpoint) -> None:
        self.post_room = post_room
        self.world = world
        self.endpoint = endpoint

    async def grind(self, posts: list[WebhookPost], *, dispatch_each: int = 0) -> Any:
        """Deliver posts, dispatching between them or at the end, until nothing is left to do."""
        await empty(self.post_room.engine)
        self.post_room.addressees.deliveries.clear()
        self.post_room.addressees.undone.clear()
        self.post_room.addressees.takes_chargebacks = False
        for number, post in enumerate(posts):
            status = await self.endpoint(post.body, post.headers)
            assert status == 200 if post.genuine else status == 400
            if dispatch_each and number % dispatch_each == 0:
                await self.post_room.dispatch()
        return await self._end()

    async def _end(self) -> Any:
        while True:
            await self.post_room.dispatch_all()
            settled, words = await self.post_room.end_state()
            if all(row.state != "new" for row in settled):
                break
            await self.post_room.make_due()
        addressees = self.post_room.addressees
        return settled, words, Counter([*addressees.deliveries, *addressees.undone])

    def posts(self, plan: DeliveryPlan | None = None) -> list[WebhookPost]:
        events = self.world.stand_in.events
        return self.world.stand_in.webhooks.posts(events, plan or DeliveryPlan())


@pytest.fixture
def mill(post_room: PostRoom, world: StripeWorld, endpoint: Endpoint) -> Mill:
    return Mill(post_room, world, endpoint)


async def test_in_order_each_event_has_the_end_that_it_should(mill: Mill) -> None:
    settled, words, told = await mill.grind(mill.posts())
    names = {str(each["id"]): str(each["type"]) for each in mill.world.stand_in.events}
    ends = Counter((names[row.event_id], row.state) for row in settled)
    assert len(settled) == len(names)
    assert ends["charge.dispute.created", "waiting"] == 1
    assert ends["charge.dispute.closed", "waiting"] == 1
    assert ends["refund.failed", "told"] == 1
    assert ends["account.updated", "told"] >= 2
    assert ends["payment_intent.requires_action", "told"] == 1
    assert ends["refund.created", "told"] == 1
    assert ends["payment_intent.succeeded", "told"] == 1
    assert ends["payment_intent.succeeded", "dead"] == 1
    assert ends["payment_intent.payment_failed", "seen"] == 1
    count = sum(number for (_, state), number in ends.items() if state == "told")
    assert told.total() == count, "each event was told once"
    last = {row.object_id: row.name for row in words}
    assert sorted(last.values()).count("charge.dispute.closed") == 1


@pytest.mark.parametrize("seed", MILL_SEEDS)
@pytest.mark.parametrize("copies", [1, 2, 5])
async def test_copies_in_any_order_end_like_one_delivery_in_order(
    mill: Mill, copies: int, seed: int
) -> None:
    expected = await mill.grind(mill.posts())
    shuffle = random.Random(seed)  # noqa: S311 -- A test repeats it.
    plan = DeliveryPlan(copies=copies, shuffle=shuffle)
    found = await mill.grind(mill.posts(plan), dispatch_each=shuffle.randint(1, 40))
    assert found == expected


async def test_forgeries_among_them_change_nothing(mill: Mill) -> None:
    expected = await mill.grind(mill.posts())
    now = int(time.time())
    bad = [
        DeliveryPlan(secret=WRONG_SECRET),
        DeliveryPlan(tamper=lambda event: event | {"type": "payment_intent.canceled"}),
        DeliveryPlan(signed_at=now - AGE_S_MAX - 30),
        DeliveryPlan(signed_at=now + AHEAD_S_MAX + 30),
        DeliveryPlan(signed_at=now + 10**9),
    ]
    posts = mill.posts() + [replace(p, genuine=False) for each in bad for p in mill.posts(each)]
    random.Random(11).shuffle(posts)  # noqa: S311 -- A test repeats it.
    assert await mill.grind(posts, dispatch_each=7) == expected


async def test_forgeries_alone_leave_nothing(mill: Mill, caplog: pytest.LogCaptureFixture) -> None:
    posts = [
        replace(post, genuine=False)
        for signed_at in (0, 1, int(time.time()) - 3_600, int(time.time()) + 3_600)
        for post in mill.posts(DeliveryPlan(signed_at=signed_at))[:3]
    ]
    posts += mill.posts(DeliveryPlan(secret=WRONG_SECRET))
    settled, words, told = await mill.grind(posts)
    assert (settled, words, told) == ([], [], Counter())
    codes = {answer.json()["code"] for answer in mill.endpoint.answers}
    assert codes == {"webhook_refused"}
    assert SECRET not in caplog.text
    assert "v1=" not in caplog.text


async def test_a_month_late_they_end_the_same(mill: Mill, world: StripeWorld) -> None:
    expected = await mill.grind(mill.posts())
    known = {str(each["id"]) for each in world.stand_in.events}
    world.stand_in.move(days=31)
    late = [post for post in mill.posts() if post.event["id"] in known]
    assert await mill.grind(late) == expected


async def test_nothing_is_stored_of_a_card_or_a_person(mill: Mill, engine: AsyncEngine) -> None:
    await mill.grind(mill.posts())
    async with engine.connect() as connection:
        rows = await connection.exec_driver_sql("SELECT * FROM webhook_event")
        stored = {str(value) for row in rows for value in row}
    sent = json.dumps([post.event for post in mill.posts()])
    personal = {"pm_", "@example.com", "last4"}
    assert any(word in sent for word in personal)
    assert not [value for value in stored for word in personal if word in value]
    # Short digits occur in ids and times by chance: only a whole value is a card's.
    assert not stored & {"4242", "visa"}
