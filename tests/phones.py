"""Phones of people at a door: one shows rotating codes, the other one scans them, as at the level high."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import httpx

from domain.contracts import CodePurpose
from infra.demo.client import Caller, body_of
from infra.demo.scenes import BERLIN
from infra.robo.phones import RobotPhone

NEXT_STREET = {**BERLIN, "latitude": 52.5421}
"""Near enough to walk there: nobody is suspected of having jumped."""
DOORS = {CodePurpose.PICKUP: BERLIN, CodePurpose.HANDOVER: NEXT_STREET}


@dataclass(frozen=True)
class PhoneScan:
    """One request of a phone that scans, sent under one key until it is answered."""

    scanner: Caller
    phone: RobotPhone
    path: str
    body: dict[str, Any]
    key: str = field(default_factory=lambda: str(uuid4()))

    async def send(self) -> httpx.Response:
        """Send it, the same however often."""
        return await self.scanner.try_post(self.path, self.body, self.key, self.phone.sign)


@dataclass(frozen=True)
class Phones:
    """The phones of one delivery's people, and what they keep."""

    delivery_id: str
    memory: dict[str, str] = field(default_factory=dict)

    async def scan(self, purpose: CodePurpose, shower: Caller, scanner: Caller) -> PhoneScan:
        """Return the scan of what the other side's phone shows at this moment.

        Raises:
            DemoFailed: a phone is not taken, or may not show the code.
        """
        self.memory["delivery"] = self.delivery_id
        for who in (shower, scanner):
            if f"{who.person_id}_device" not in self.memory:
                await self._phone_of(who).play("activate", who, str(uuid4()), {})
        path, phone = f"/v1/deliveries/{self.delivery_id}", self._phone_of(scanner)
        shown = await self._shown(path, purpose, shower)
        door = {axis: DOORS[purpose][axis] for axis in ("latitude", "longitude")}
        position = {**door, "accuracy_m": 9.5, "taken_at": datetime.now(UTC).isoformat()}
        return PhoneScan(scanner, phone, f"{path}/{purpose}", {**shown, "position": position})

    async def _shown(self, path: str, purpose: CodePurpose, shower: Caller) -> dict[str, Any]:
        phone, secret = self._phone_of(shower), f"{purpose}_secret"
        if secret not in self.memory:
            holding = f"{path}/codes/{purpose}/holding"
            held = body_of(await shower.try_post(holding, signs=phone.sign))
            self.memory[secret] = held["secret"]
        return await phone.play(f"show {purpose}", shower, "", {})

    def _phone_of(self, who: Caller) -> RobotPhone:
        return RobotPhone(who.person_id, self.memory)
