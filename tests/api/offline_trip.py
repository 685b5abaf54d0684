"""A traveler's phone without network: it takes a manifest along, keeps claims and brings them back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx

from domain.offline.claims import hash_of, signed_bytes
from infra.base64url import base64url
from tests.api.client import Person
from tests.api.identity.phones import Phone, activated
from tests.api.story import MUNICH, Cast, done


def moment(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def at_the_door(at: datetime) -> dict[str, Any]:
    """Return where a phone at the recipient's door says to be."""
    place = {name: MUNICH[name] for name in ("latitude", "longitude")}
    return {**place, "accuracy_m": 12.0, "taken_at": moment(at), "is_mock": False}


@dataclass
class Trip:
    """One phone with one manifest."""

    path: str
    phone: Phone
    manifest: dict[str, Any]
    manifest_hash: str
    counter: int
    previous: str

    @classmethod
    async def begun(cls, cast: Cast, phone: Phone | None = None) -> Trip:
        """Return a phone that has taken the manifest of a delivery along."""
        phone = phone or await activated(cast.traveler)
        answer = done(await phone.post(f"{cast.path}/offline-manifest"))
        said = json.loads(answer["manifest"])
        hashed = hash_of(answer["manifest"])
        return cls(cast.path, phone, said, hashed, said["first_counter"], said["previous_hash"])

    def claim(
        self, code: str, at: datetime | None = None, by: Phone | None = None, **changes: Any
    ) -> dict[str, str]:
        """Return the next claim, signed; `changes` replace what it says."""
        at = at or datetime.now(UTC)
        said = {
            "version": "SC1",
            "manifest_id": self.manifest["manifest_id"],
            "manifest_hash": self.manifest_hash,
            "purpose": "handover",
            "code": code,
            "claimed_at": moment(at),
            "position": at_the_door(at),
            "counter": self.counter,
            "previous_hash": self.previous,
            **changes,
        }
        self.counter += 1
        self.previous = hash_of(json.dumps(said))
        return signed_claim(by or self.phone, json.dumps(said), self.phone.device_id)

    async def sync(
        self,
        *claims: dict[str, str],
        ahead: timedelta = timedelta(),
        by: Person | None = None,
        key: str | None = None,
    ) -> httpx.Response:
        """Bring claims back."""
        who = by or self.phone.owner
        return await who.post(f"{self.path}/offline-claims", batch(*claims, ahead=ahead), key=key)

    async def told(self, *claims: dict[str, str], **how: Any) -> list[tuple[str, list[str]]]:
        """Bring claims back and return what became of each, with the reasons."""
        results = done(await self.sync(*claims, **how))["claims"]
        return [(result["state"], result["reasons"]) for result in results]


def batch(*claims: dict[str, str], ahead: timedelta = timedelta()) -> dict[str, Any]:
    """Return what a phone sends, whose clock may be ahead."""
    return {"sent_at": moment(datetime.now(UTC) + ahead), "claims": list(claims)}


def signed_claim(phone: Phone, said: str, device_id: str = "") -> dict[str, str]:
    """Return any text as a claim that a phone has signed."""
    return {
        "device_id": device_id or phone.device_id,
        "claim": said,
        "signature": base64url(phone.key.sign(signed_bytes(said))),
    }


async def code_at_door(cast: Cast, purpose: str = "handover") -> str:
    """Return the code that the counterparty shows on paper."""
    who = cast.recipient if purpose == "handover" else cast.customer
    shown: str = done(await who.get(f"{cast.path}/codes/{purpose}"))["code"]
    return shown


async def event_of(cast: Cast, kind: str) -> dict[str, Any]:
    items = done(await cast.agent.get(f"{cast.path}/timeline", limit=100))["items"]
    found: dict[str, Any] = next(item for item in items if item["kind"] == kind)
    return found
