"""Handovers at the levels that need devices: who shows with which phone, and who scans with which."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.contracts import CodePurpose
from domain.handover.policy import ProofPolicy
from domain.handover.rotating import rotating_code
from domain.handover.signed import message_of, signed_code
from domain.handover.steps import step_at
from domain.ids import DeliveryId, DeviceId
from infra.base64url import from_base64url
from infra.database.schema import presence
from tests.api.identity.phones import Phone, activated
from tests.api.story import BERLIN, MUNICH, Cast, done
from tests.leveled import at_level

ROUTES = {CodePurpose.PICKUP: "pickup", CodePurpose.HANDOVER: "handover"}


@dataclass(frozen=True)
class Meeting:
    """A sender or recipient with a phone that shows, and the traveler with one that scans."""

    cast: Cast
    purpose: CodePurpose
    shower: Phone
    scanner: Phone
    secret: bytes
    """None of its bytes where the shower's phone signs."""

    @property
    def path(self) -> str:
        return f"{self.cast.path}/{ROUTES[self.purpose]}"

    def shown(self, *, steps_ago: int = 0) -> str:
        """Return what the phone shows, now or some steps ago."""
        step = step_at(ProofPolicy(), datetime.now(UTC)) - steps_ago
        delivery_id = DeliveryId(self.cast.delivery_id)
        if self.secret:
            return rotating_code(self.secret, delivery_id, self.purpose, step)
        device_id = DeviceId(self.shower.device_id)
        message = message_of(delivery_id, self.purpose, device_id, step)
        signature = self.shower.key.sign(message)
        return signed_code(delivery_id, self.purpose, device_id, step, signature)

    def position(self, **changes: Any) -> dict[str, Any]:
        """Return where the phone of the traveler is, at the door unless said otherwise."""
        place = BERLIN if self.purpose is CodePurpose.PICKUP else MUNICH
        return {
            "latitude": place["latitude"],
            "longitude": place["longitude"],
            "accuracy_m": 9.5,
            "taken_at": datetime.now(UTC).isoformat(),
            **changes,
        }

    def body(self, **changes: Any) -> dict[str, Any]:
        """Return what a scan sends."""
        return {"code": self.shown(), "position": self.position(), **changes}

    async def scan(self, body: dict[str, Any] | None = None, **more: Any) -> httpx.Response:
        """Scan with the traveler's phone."""
        return await self.scanner.post(self.path, body or self.body(), **more)


async def meeting(engine: AsyncEngine, cast: Cast, level: str, purpose: CodePurpose) -> Meeting:
    """Return a handover at a level, with its code held by the phone of whoever shows it."""
    await at_level(engine, cast, level)
    owner = cast.customer if purpose is CodePurpose.PICKUP else cast.recipient
    shower, scanner = await activated(owner), await activated(cast.traveler)
    held = done(await shower.post(f"{cast.path}/codes/{purpose}/holding"))
    secret = held["secret"] or ""
    made = Meeting(cast, purpose, shower, scanner, from_base64url(secret))
    if level == "maximum":
        for phone in (shower, scanner):
            await present(engine, made, phone)
    return made


async def present(
    engine: AsyncEngine, at: Meeting, phone: Phone, ago: timedelta = timedelta()
) -> None:
    """Have somebody shown with a passkey to be there, as the route of presences writes it."""
    now, place = datetime.now(UTC) - ago, at.position()
    row = {
        "delivery_id": at.cast.delivery_id,
        "purpose": str(at.purpose),
        "person_id": phone.owner.person_id,
        "device_id": phone.device_id,
        "latitude": place["latitude"],
        "longitude": place["longitude"],
        "accuracy_m": 9.5,
        "taken_at": now,
        "is_mocked": False,
        "proof": {},
        "verified_at": now,
    }
    async with engine.begin() as connection:
        await connection.execute(insert(presence), row)
