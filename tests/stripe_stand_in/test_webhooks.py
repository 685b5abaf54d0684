"""Signed webhooks and the event list, judged by the SDK's own verification."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Mapping

import pytest
import stripe

from tests.stripe_stand_in import SECRET, DeliveryPlan, StripeStandIn
from tests.stripe_stand_in.payments import paid_charge, traveler_account
from tests.stripe_stand_in.server import HttpRequest, HttpResponse, HttpServer


class Inbox:
    """A receiver that verifies as the platform does."""

    def __init__(self) -> None:
        self.events: list[stripe.Event] = []
        self.refused = 0
        self.broken = False

    async def __call__(self, body: bytes, headers: Mapping[str, str]) -> int:
        if self.broken:
            return 503
        try:
            signature = headers["Stripe-Signature"]
            self.events.append(stripe.Webhook.construct_event(body, signature, SECRET))
        except stripe.SignatureVerificationError:
            self.refused += 1
            return 400
        return 200


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


async def test_events_are_delivered_once_in_order(
    client: stripe.StripeClient, stand_in: StripeStandIn, inbox: Inbox
) -> None:
    charge = await paid_charge(client)

    await stand_in.webhooks.deliver(inbox)
    await stand_in.webhooks.deliver(inbox)

    assert [event.type for event in inbox.events] == [
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "charge.updated",
    ]
    event = inbox.events[1]
    assert event.api_version == stripe.api_version
    assert event.data.object["id"] == charge
    assert event.request is not None
    assert event.request.id == stand_in.requests[0].request_id
    assert event.data.object["metadata"]["delivery_id"] == "d1"


async def test_a_snapshot_does_not_change_afterwards(
    client: stripe.StripeClient, stand_in: StripeStandIn, inbox: Inbox
) -> None:
    charge = await paid_charge(client)
    await client.v1.refunds.create_async({"charge": charge})

    await stand_in.webhooks.deliver(inbox)

    charges = {event.type: event.data.object for event in inbox.events}
    assert charges["charge.succeeded"]["amount_refunded"] == 0
    assert charges["charge.refunded"]["amount_refunded"] == 4_200


async def test_a_refused_event_is_offered_again(
    client: stripe.StripeClient, stand_in: StripeStandIn, inbox: Inbox
) -> None:
    await paid_charge(client)
    inbox.broken = True
    first = await stand_in.webhooks.deliver(inbox)
    inbox.broken = False
    second = await stand_in.webhooks.deliver(inbox)

    assert {each.status for each in first} == {503}
    assert len(inbox.events) == len(second) == len(first)


async def test_events_come_duplicated_and_shuffled(
    client: stripe.StripeClient, stand_in: StripeStandIn, inbox: Inbox
) -> None:
    await paid_charge(client)
    plan = DeliveryPlan(copies=5, shuffle=random.Random(7))  # noqa: S311  A test repeats it.

    await stand_in.webhooks.deliver(inbox, plan=plan)

    assert set(Counter(event.id for event in inbox.events).values()) == {5}
    kinds = [event.type for event in inbox.events]
    assert kinds != sorted(kinds, key=[event["type"] for event in stand_in.events].index)


async def test_forgeries_and_old_timestamps_are_refused(
    client: stripe.StripeClient, stand_in: StripeStandIn, inbox: Inbox
) -> None:
    await paid_charge(client)
    now = int(time.time())

    forged = await stand_in.webhooks.forge(inbox, stand_in.webhooks.undelivered()[0])
    changed = DeliveryPlan(tamper=lambda event: event | {"type": "payment_intent.canceled"})
    await stand_in.webhooks.deliver(inbox, plan=changed)
    await stand_in.webhooks.deliver(inbox, plan=DeliveryPlan(signed_at=now - 301))

    assert (forged.status, forged.post.genuine) == (400, False)
    assert inbox.events == []
    assert len(stand_in.webhooks.undelivered()) == 4
    await stand_in.webhooks.deliver(inbox, plan=DeliveryPlan(signed_at=now + 3_600))
    assert len(inbox.events) == 4, "the SDK itself accepts the future; the platform must not"


async def test_a_month_late_is_still_freshly_signed(
    client: stripe.StripeClient, stand_in: StripeStandIn, inbox: Inbox
) -> None:
    await paid_charge(client)

    stand_in.move(days=31)

    assert {each.status for each in await stand_in.webhooks.deliver(inbox)} == {200}
    listed = await client.v1.events.list_async({"type": "payment_intent.*"})
    assert listed.data == [], "Stripe lists the events of the last 30 days only"


async def test_connect_events_name_their_account(
    client: stripe.StripeClient, stand_in: StripeStandIn, inbox: Inbox
) -> None:
    account = await traveler_account(client, stand_in)

    await stand_in.webhooks.deliver(inbox)

    assert {event.account for event in inbox.events} == {account}
    stand_in.webhooks.connect_secret = "whsec_connect"
    await stand_in.webhooks.deliver(inbox, stand_in.events[:1])
    assert inbox.refused == 1


async def test_missed_events_are_listed_from_a_cursor(
    client: stripe.StripeClient, stand_in: StripeStandIn, inbox: Inbox
) -> None:
    await paid_charge(client)
    await stand_in.webhooks.deliver(inbox)
    cursor = str(stand_in.events[-1]["id"])
    charge = await paid_charge(client)
    await client.v1.refunds.create_async({"charge": charge})

    newer = await client.v1.events.list_async(
        {"ending_before": cursor, "types": ["charge.refunded", "charge.succeeded"], "limit": 100}
    )

    assert [event.type for event in newer] == ["charge.refunded", "charge.succeeded"]
    missed = await client.v1.events.list_async({"delivery_success": False, "limit": 100})
    assert len(missed.data) == len(stand_in.webhooks.undelivered())
    one = await client.v1.events.retrieve_async(cursor)
    assert one.type == "charge.updated"


async def test_following_delivers_to_a_url_as_things_happen(
    client: stripe.StripeClient, stand_in: StripeStandIn, inbox: Inbox
) -> None:
    paid = asyncio.Event()

    async def receive(request: HttpRequest) -> HttpResponse:
        status = await inbox(
            request.body, {"Stripe-Signature": request.headers["stripe-signature"]}
        )
        if inbox.events[-1].type == "payment_intent.succeeded":
            paid.set()
        return HttpResponse(status, b"")

    endpoint = HttpServer(receive)
    url = f"http://127.0.0.1:{await endpoint.start()}/hooks"
    follower = asyncio.create_task(stand_in.webhooks.follow(url))

    await paid_charge(client)
    await asyncio.wait_for(paid.wait(), 5)

    follower.cancel()
    await asyncio.gather(follower, return_exceptions=True)
    await endpoint.stop()
    assert await stand_in.webhooks.deliver(url, stand_in.events[:1])
