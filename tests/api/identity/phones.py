"""Phones in the hands of people: their requests are signed as an app signs them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import httpx

from domain.devices.keys import KeyAlgorithm
from infra.base64url import base64url
from tests.api.client import Person
from tests.api.story import done
from tests.device_keys import SoftKey

DEVICES = "/v1/me/devices"


@dataclass(frozen=True)
class Phone:
    """A phone with a key, which counts for its owner once it is activated."""

    owner: Person
    device_id: str = ""
    key: SoftKey = field(default_factory=SoftKey.made)

    async def post(
        self,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        by: Person | None = None,
    ) -> httpx.Response:
        """Send a signed change; `headers` replace those that the phone would send."""
        key, content = key or str(uuid4()), b"" if body is None else json.dumps(body).encode()
        signed = {
            "Sendalong-Signature": self.key.signed("POST", path, key, content),
            **({"Sendalong-Device": self.device_id} if self.device_id else {}),
        }
        sent = {**(by or self.owner).headers, "Idempotency-Key": key, **signed, **(headers or {})}
        if content:
            sent["Content-Type"] = "application/json"
        return await self.owner.http.post(path, content=content, headers=sent)


def description(key: SoftKey, name: str = "Phone") -> dict[str, str]:
    """Return what is sent to activate a phone with this key."""
    return {"name": name, "algorithm": str(key.algorithm), "public_key": base64url(key.public)}


async def activated(owner: Person, algorithm: KeyAlgorithm = KeyAlgorithm.ED25519) -> Phone:
    """Return a phone that counts for somebody."""
    key = SoftKey.made(algorithm)
    new = done(await Phone(owner, key=key).post(DEVICES, description(key)))
    return Phone(owner, new["device_id"], key)
