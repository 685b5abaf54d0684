"""Brings deliveries to the stage that a test is about, through the API alone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import httpx

from tests.api.client import Person

PATIENCE_S = 20

BERLIN = {"address": "Kastanienallee 1, 10435 Berlin", "latitude": 52.5401, "longitude": 13.4105}
MUNICH = {"address": "Sendlinger Str. 8, 80331 Munich", "latitude": 48.1353, "longitude": 11.569}


@dataclass
class Cast:
    """One delivery and its people."""

    delivery_id: str
    customer: Person
    traveler: Person
    recipient: Person
    agent: Person
    offer_id: str = ""
    dispute_id: str = ""

    @property
    def path(self) -> str:
        return f"/v1/deliveries/{self.delivery_id}"

    @property
    def dispute_path(self) -> str:
        return f"/v1/disputes/{self.dispute_id}"

    async def until(self, *statuses: str) -> dict[str, Any]:
        """Look at the delivery until it has one of the statuses."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                delivery: dict[str, Any] = (await self.customer.get(self.path)).json()
                if delivery["status"] in statuses:
                    return delivery
                await asyncio.sleep(0.02)

    async def until_parked(self) -> dict[str, Any]:
        """Look at the delivery until one of its steps is parked."""
        async with asyncio.timeout(PATIENCE_S):
            while True:
                delivery: dict[str, Any] = (await self.customer.get(self.path)).json()
                if delivery["needs_attention"]:
                    return delivery
                await asyncio.sleep(0.02)


@dataclass
class Story:
    """Makes people and deliveries."""

    person: Callable[..., Awaitable[Person]]

    async def traveler(self, payout_account: str | None = "acct_sandbox_ok") -> Person:
        return await self.person("traveler", payout_account=payout_account)

    async def requested(
        self, payout_account: str | None = "acct_sandbox_ok", **changes: Any
    ) -> Cast:
        """Return a delivery that waits for an offer."""
        customer = await self.person("customer")
        recipient = await self.person("customer")
        body = {**NEW_DELIVERY, "recipient": {"name": "Mara", "person_id": recipient.person_id}}
        answer = done(await customer.post("/v1/deliveries", {**body, **changes}))
        return Cast(
            answer["delivery_id"],
            customer,
            await self.traveler(payout_account),
            recipient,
            await self.person("agent"),
        )

    async def offered(self, **changes: Any) -> Cast:
        """Return a delivery with one open offer."""
        cast = await self.requested(**changes)
        offer = done(await cast.traveler.post(f"{cast.path}/offers", {"price_minor": 4200}))
        cast.offer_id = offer["offer_id"]
        return cast

    async def paid(self, method: str = "pm_sandbox_ok", **changes: Any) -> Cast:
        """Return a delivery whose payment is held, or declined by the named method."""
        cast = await self.offered(**changes)
        path = f"{cast.path}/offers/{cast.offer_id}/accept"
        done(await cast.customer.post(path, {"payment_method": method, "price_minor": 4200}))
        await cast.until("awaiting_pickup", "payment_due")
        return cast

    async def picked_up(self, **changes: Any) -> Cast:
        """Return a delivery whose traveler carries the parcel."""
        cast = await self.paid(**changes)
        code = done(await cast.customer.get(f"{cast.path}/codes/pickup"))
        done(await cast.traveler.post(f"{cast.path}/pickup", {"code": code["code"]}))
        return cast

    async def delivered(self, **changes: Any) -> Cast:
        """Return a delivery inside its dispute window."""
        cast = await self.picked_up(**changes)
        code = done(await cast.recipient.get(f"{cast.path}/codes/handover"))
        done(await cast.traveler.post(f"{cast.path}/handover", {"code": code["pin"]}))
        return cast

    async def disputed(self, **changes: Any) -> Cast:
        """Return a delivery with an open dispute."""
        cast = await self.delivered(**changes)
        answer = await cast.customer.post(f"{cast.path}/dispute", {"reason": "damaged"})
        cast.dispute_id = done(answer)["dispute_id"]
        return cast


def done(answer: httpx.Response) -> dict[str, Any]:
    """Return the body of an answer that must be a success."""
    assert answer.is_success, f"{answer.request.url.path}: {answer.status_code} {answer.text}"
    body: dict[str, Any] = answer.json()
    return body


NEW_DELIVERY: dict[str, Any] = {
    "description": "A guitar in a hard case",
    "weight_grams": 6500,
    "currency": "EUR",
    "declared_value_minor": 90_000,
    "pickup": BERLIN,
    "destination": MUNICH,
    "recipient": {"name": "Mara Lindt", "phone": "+4915112345678"},
}
