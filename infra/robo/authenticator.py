"""A device with passkeys, in software: it makes keys and signs as Web Authentication says."""

from __future__ import annotations

import json
import struct
from dataclasses import dataclass, field
from hashlib import sha256
from secrets import token_bytes
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256

from infra.base64url import base64url, from_base64url

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40
ES256, EC2, P_256 = -7, 2, 1


@dataclass
class Device:
    """One device of one person; every member can be bent to make it lie."""

    origin: str = "https://sendalong.test"
    rp_id: str | None = None
    """Another domain than the one that it is asked for."""
    verifies: bool = True
    """Whether it recognises the person before it signs."""
    sign_count: int = 0
    step: int = 1
    """How far its counter goes with each signature."""
    credential_id: bytes = field(default_factory=lambda: token_bytes(32))
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    user_handle: bytes | None = None

    def create(self, options: dict[str, Any]) -> dict[str, Any]:
        """Make a passkey, as `navigator.credentials.create` does."""
        self.user_handle = from_base64url(options["user"]["id"])
        attestation = cbor2.dumps(
            {"fmt": "none", "attStmt": {}, "authData": self._about(options["rp"]["id"], new=True)}
        )
        response = {
            "clientDataJSON": base64url(self._client("webauthn.create", options)),
            "attestationObject": base64url(attestation),
            "transports": ["internal", "hybrid"],
        }
        return self._credential(response)

    def sign(self, options: dict[str, Any]) -> dict[str, Any]:
        """Sign a challenge, as `navigator.credentials.get` does."""
        self.sign_count += self.step
        about = self._about(options["rpId"])
        client = self._client("webauthn.get", options)
        signature = self.key.sign(about + sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": base64url(client),
            "authenticatorData": base64url(about),
            "signature": base64url(signature),
        }
        if self.user_handle is not None:
            response["userHandle"] = base64url(self.user_handle)
        return self._credential(response)

    def _about(self, rp_id: str, *, new: bool = False) -> bytes:
        flags = PRESENT | (VERIFIED if self.verifies else 0) | (ATTESTED if new else 0)
        about = sha256((self.rp_id or rp_id).encode()).digest()
        about += struct.pack(">BI", flags, self.sign_count)
        if new:
            about += bytes(16) + struct.pack(">H", len(self.credential_id)) + self.credential_id
            about += self._public_key()
        return about

    def _public_key(self) -> bytes:
        numbers = self.key.public_key().public_numbers()
        x, y = (each.to_bytes(32, "big") for each in (numbers.x, numbers.y))
        return bytes(cbor2.dumps({1: EC2, 3: ES256, -1: P_256, -2: x, -3: y}))

    def _client(self, kind: str, options: dict[str, Any]) -> bytes:
        said = {"type": kind, "challenge": options["challenge"], "origin": self.origin}
        return json.dumps({**said, "crossOrigin": False}).encode()

    def _credential(self, response: dict[str, Any]) -> dict[str, Any]:
        name = base64url(self.credential_id)
        return {"id": name, "rawId": name, "type": "public-key", "response": response}
