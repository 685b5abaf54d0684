"""Phones of robots: keys in software that sign requests, show codes and prove who is there, as apps do."""

from __future__ import annotations

import json
from collections.abc import Mapping, MutableMapping
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.contracts import CodePurpose
from domain.handover.policy import ProofPolicy
from domain.handover.rotating import rotating_code
from domain.handover.signed import message_of, signed_code
from domain.handover.steps import step_at
from domain.ids import DeliveryId, DeviceId
from infra.base64url import base64url, from_base64url
from infra.demo.client import Caller, body_of
from infra.robo.authenticator import Device
from infra.robo.claims import claim_of

DEVICES = "/v1/me/devices"
PASSKEYS = "/v1/me/passkeys"


class RobotPhone:
    """The phone of one robot; its keys are in the memory of the run, for robots keep no secrets."""

    def __init__(self, who: str, memory: MutableMapping[str, str]) -> None:
        self._who, self._memory = who, memory

    async def play(
        self, play: str, caller: Caller, key: str, body: Mapping[str, Any]
    ) -> dict[str, Any]:
        """Do what a step names: `activate`, `enrol`, `show`, `claim` or `present`, the last ones with a purpose.

        Raises:
            DemoFailed: the platform does not take it.
        """
        deed, *purpose = play.split()
        if deed == "activate":
            await self._activate(caller, key)
        elif deed == "enrol":
            await self._enrol(caller, key)
        elif deed == "show":
            return {"code": self._code(CodePurpose(purpose[0]))}
        elif deed == "claim":
            made = claim_of({**body, "purpose": purpose[0]}, self._key().sign)
            return {**made, "device_id": self._memory[f"{self._who}_device"]}
        else:
            await self._present(caller, key, purpose[0], body)
        return {}

    def sign(self, path: str, key: str, body: bytes) -> Mapping[str, str]:
        """Return the headers of a signed change; without the phone's id before it has one."""
        signature = self._key().sign(f"POST {path}\n{key}\n".encode() + body)
        device_id = self._memory.get(f"{self._who}_device")
        named = {} if device_id is None else {"Sendalong-Device": device_id}
        return {"Sendalong-Signature": base64url(signature), **named}

    async def _activate(self, caller: Caller, key: str) -> None:
        public = self._key().public_key().public_bytes_raw()
        new = {"name": "Robot", "algorithm": "ed25519", "public_key": base64url(public)}
        made = body_of(await caller.try_post(DEVICES, new, key, self.sign))
        self._memory[f"{self._who}_device"] = str(made["device_id"])

    async def _enrol(self, caller: Caller, key: str) -> None:
        """Set up a passkey."""
        options = body_of(await caller.try_put(f"{PASSKEYS}/options"))["public_key"]
        passkey = Device(origin=str(caller.http.base_url).rstrip("/"))
        credential = passkey.create(options)
        body_of(await caller.try_post(PASSKEYS, {"name": "Robot", "credential": credential}, key))
        self._keep(passkey)

    async def _present(
        self, caller: Caller, key: str, purpose: str, body: Mapping[str, Any]
    ) -> None:
        """Show to be at a handover."""
        path = f"/v1/deliveries/{self._memory['delivery']}/presences/{purpose}"
        options = body_of(await caller.try_post(f"{path}/options", None, f"{key}-options"))
        passkey = self._passkey(str(caller.http.base_url).rstrip("/"))
        shown = {**body, "credential": passkey.sign(options["public_key"])}
        self._keep(passkey)
        body_of(await caller.try_post(path, shown, key, self.sign))

    def _code(self, purpose: CodePurpose) -> str:
        """Return the code of this moment: rotating, or signed where there is no secret."""
        delivery_id = DeliveryId(self._memory["delivery"])
        step = step_at(ProofPolicy(), datetime.now(UTC))
        secret = self._memory.get(f"{purpose}_secret")
        if secret is not None:
            return rotating_code(from_base64url(secret), delivery_id, purpose, step)
        device_id = DeviceId(self._memory[f"{self._who}_device"])
        signature = self._key().sign(message_of(delivery_id, purpose, device_id, step))
        return signed_code(delivery_id, purpose, device_id, step, signature)

    def _key(self) -> Ed25519PrivateKey:
        name = f"{self._who}_phone"
        if name not in self._memory:
            self._memory[name] = base64url(Ed25519PrivateKey.generate().private_bytes_raw())
        return Ed25519PrivateKey.from_private_bytes(from_base64url(self._memory[name]))

    def _keep(self, passkey: Device) -> None:
        kept = {
            "number": str(passkey.key.private_numbers().private_value),
            "credential_id": base64url(passkey.credential_id),
            "user_handle": base64url(passkey.user_handle or b""),
            "sign_count": passkey.sign_count,
        }
        self._memory[f"{self._who}_passkey"] = json.dumps(kept)

    def _passkey(self, origin: str) -> Device:
        kept = json.loads(self._memory[f"{self._who}_passkey"])
        return Device(
            origin=origin,
            sign_count=kept["sign_count"],
            credential_id=from_base64url(kept["credential_id"]),
            user_handle=from_base64url(kept["user_handle"]),
            key=ec.derive_private_key(int(kept["number"]), ec.SECP256R1()),
        )
