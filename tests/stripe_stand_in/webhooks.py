"""Webhooks: events signed as Stripe signs them, and delivered as badly as a test wants."""

from __future__ import annotations

import hmac
import json
import random
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from hashlib import sha256

import httpx

from tests.stripe_stand_in.events import EventLog
from tests.stripe_stand_in.refusals import Json

SECRET = "whsec_standIn"
"""The signing secret of the platform's endpoint."""
WRONG_SECRET = "whsec_somebodyElse"

Receiver = Callable[[bytes, Mapping[str, str]], Awaitable[int]]
"""Takes a raw body and headers and returns the status code it answers with."""


@dataclass(frozen=True, slots=True)
class WebhookPost:
    """One request to the platform's endpoint."""

    body: bytes
    headers: dict[str, str]
    event: Json
    genuine: bool = True
    """False when a receiver must refuse it."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of one post."""

    post: WebhookPost
    status: int


@dataclass(frozen=True, slots=True)
class DeliveryPlan:
    """How a batch of events is delivered."""

    copies: int = 1
    """How often each event is sent."""
    shuffle: random.Random | None = None
    """Sends everything in an order of its own."""
    secret: str | None = None
    """Signs with another secret: a forgery."""
    signed_at: int | None = None
    """Seconds since the epoch that the signature claims; none takes the wall clock.

    Stripe signs every attempt anew, so a late delivery is still freshly signed.
    """
    tamper: Callable[[Json], Json] | None = None
    """Changes the event after it was signed."""

    @property
    def genuine(self) -> bool:
        """Whether a receiver may believe the posts, apart from their timestamp."""
        return self.secret is None and self.tamper is None


PLAIN = DeliveryPlan()
"""Every event once, in order, signed now."""


def sign(body: bytes, secret: str, timestamp: int) -> str:
    """Return the `Stripe-Signature` header of a body."""
    signed = f"{timestamp}.".encode() + body
    digest = hmac.new(secret.encode(), signed, sha256).hexdigest()
    return f"t={timestamp},v1={digest}"


class Webhooks:
    """Delivers the event log; an event that was answered with 2xx is not sent again by itself."""

    def __init__(self, events: EventLog, run_due: Callable[[], None]) -> None:
        self._events = events
        self._run_due = run_due
        self.secret = SECRET
        self.connect_secret: str | None = None
        """Secret of the Connect endpoint; none uses one endpoint for everything."""

    def undelivered(self) -> list[Json]:
        """Return the events that no receiver has accepted yet, oldest first."""
        self._run_due()
        return [event for event in self._events.all if event["pending_webhooks"]]

    def posts(self, events: Iterable[Json], plan: DeliveryPlan = PLAIN) -> list[WebhookPost]:
        """Return the signed requests of a batch without sending them."""
        made = [self._post(event, plan) for event in events for _ in range(plan.copies)]
        if plan.shuffle is not None:
            plan.shuffle.shuffle(made)
        return made

    def _post(self, event: Json, plan: DeliveryPlan) -> WebhookPost:
        body = json.dumps(event | {"pending_webhooks": 1}, indent=2).encode()
        secret = plan.secret or self._secret_for(event)
        at = int(time.time()) if plan.signed_at is None else plan.signed_at
        signature = sign(body, secret, at)
        if plan.tamper is not None:
            body = json.dumps(plan.tamper(json.loads(body))).encode()
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        return WebhookPost(body, headers, event, plan.genuine)

    def _secret_for(self, event: Json) -> str:
        return (self.connect_secret or self.secret) if "account" in event else self.secret

    async def deliver(
        self,
        to: Receiver | str,
        events: Iterable[Json] | None = None,
        plan: DeliveryPlan = PLAIN,
    ) -> list[Delivered]:
        """Send events to a receiver or URL; without `events`, those not yet accepted."""
        batch = self.undelivered() if events is None else list(events)
        results = []
        for post in self.posts(batch, plan):
            status = await _send(to, post)
            if post.genuine and 200 <= status < 300:
                post.event["pending_webhooks"] = 0
            results.append(Delivered(post, status))
        return results

    async def forge(self, to: Receiver | str, event: Json) -> Delivered:
        """Send an event signed with a secret that is not the endpoint's."""
        plan = replace(PLAIN, secret=WRONG_SECRET)
        return (await self.deliver(to, [event], plan))[0]

    async def follow(self, to: Receiver | str) -> None:
        """Deliver every event as it happens, until cancelled; a refused one goes with the next."""
        while True:
            self._events.happened.clear()
            await self.deliver(to)
            await self._events.happened.wait()


async def _send(to: Receiver | str, post: WebhookPost) -> int:
    if not isinstance(to, str):
        return await to(post.body, post.headers)
    async with httpx.AsyncClient(trust_env=False) as client:
        try:
            answer = await client.post(to, content=post.body, headers=post.headers)
        except httpx.TransportError:
            return 0
    return answer.status_code
