"""Rows about two sides of a delivery, in a transaction that is rolled back: nobody else sees them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import DeliveryId, PersonId
from domain.risk.policy import RiskPolicy
from infra.database.chain import canonical_json
from infra.database.schema import (
    chargeback,
    code_holding,
    delivery,
    device,
    dispute,
    event,
    handover_code,
    offer,
    parcel,
    payment_operation,
    person,
    position,
    risk_decision,
    scan_attempt,
    strike,
)
from infra.identifiers import new_id
from infra.risk.signals import Judged, ReadSignals, read_signals
from tests.conftest import PARCEL

NOW = datetime.now(UTC)
LONG_AGO = NOW - timedelta(days=400)
POLICY = RiskPolicy()


@dataclass
class World:
    """One deal between Ada, who pays, and Tom, who carries; each row is written by one call."""

    connection: AsyncConnection
    ada: PersonId = field(init=False)
    tom: PersonId = field(init=False)
    delivery_id: DeliveryId = field(init=False)
    request_id: str = field(default_factory=new_id)

    async def begin(self) -> None:
        """Write the deal; both have been here for long."""
        self.ada, self.tom = await self.person(), await self.person()
        self.delivery_id = await self.delivered(customer_id=self.ada, traveler_id=self.tom)

    async def write(self, table: Table, **columns: Any) -> None:
        await self.connection.execute(insert(table).values(**columns))

    async def person(self, **columns: Any) -> PersonId:
        person_id = PersonId(new_id())
        named = {"display_name": "X", "roles": ["customer"], "created_at": LONG_AGO}
        await self.write(person, person_id=person_id, **{**named, **columns})
        return person_id

    async def delivered(
        self, customer_id: str, traveler_id: str | None = None, **columns: Any
    ) -> DeliveryId:
        """Write a delivery; its place is far from that of every other one unless it is named."""
        delivery_id = DeliveryId(new_id())
        ids = {
            "delivery_id": delivery_id,
            "customer_id": customer_id,
            "sender_id": customer_id,
            "recipient_id": columns.pop("recipient_id", None),
        }
        places = {**_away(delivery_id), "request_expires_at": NOW}
        await self.write(parcel, **{**PARCEL, **places, **ids, **columns})
        standing = {"status": "completed", "escrow": "released", "dispute": "none"}
        times = {"opened_at": NOW, "updated_at": NOW, "closed_at": NOW}
        head = {"head_sequence": 5, "head_hash": b"h" * 32, "currency": "EUR"}
        row = {**ids, **standing, **times, **head, "traveler_id": traveler_id}
        await self.write(delivery, **row)
        return delivery_id

    async def paid(self, delivery_id: str, method: str, kind: str = "charge") -> None:
        row = {"operation_id": new_id(), "delivery_id": delivery_id, "kind": kind}
        figures = {"amount_minor": 100, "currency": "EUR", "request_hash": b"h" * 32}
        rest = {"source_operation_id": "", "created_at": NOW, "method": method}
        await self.write(payment_operation, **row, **figures, **rest)

    async def quarrel(
        self, delivery_id: str, opened_by: str, outcome: str | None, at: datetime = NOW
    ) -> None:
        row = {"dispute_id": new_id(), "delivery_id": delivery_id, "opened_by": opened_by}
        rest = {"reason": "damaged", "status": "decided", "opened_at": at, "outcome": outcome}
        await self.write(dispute, **row, **rest, opened_by_role="customer")

    async def taken_back(
        self, delivery_id: str, status: str, reason: str = "fraudulent", at: datetime = NOW
    ) -> None:
        row = {"chargeback_id": new_id(), "delivery_id": delivery_id, "currency": "EUR"}
        names = {"provider": "sandbox", "dispute_id": new_id(), "charge_operation_id": "c"}
        decided = {"decided_at": None if status == "open" else NOW, "opened_at": at}
        await self.write(chargeback, **row, **names, **decided, status=status, reason=reason)

    async def struck(self, delivery_id: str, person_id: str, at: datetime = NOW) -> None:
        row = {"delivery_id": delivery_id, "person_id": person_id, "reason": "no_show", "at": at}
        await self.write(strike, **row, event_sequence=1)

    async def device(self, person_id: str | None, key: str, age: timedelta) -> str:
        """Take a device into use, or the same one for another person."""
        device_id = new_id()
        row = {"person_id": person_id, "algorithm": "ed25519", "name": "Phone"}
        public_key = key.encode().ljust(32, b".")
        at = {"activated_at": NOW - age, "last_seen_at": NOW}
        await self.write(device, device_id=device_id, public_key=public_key, **row, **at)
        return device_id

    async def agreed(self, age: timedelta) -> None:
        row = {"offer_id": new_id(), "delivery_id": self.delivery_id, "traveler_id": self.tom}
        terms = {"status": "accepted", "price_minor": 100, "currency": "EUR"}
        times = {"created_at": LONG_AGO, "updated_at": NOW - age}
        await self.write(offer, **row, **terms, **times, proposed_by="traveler")

    async def held_code(self, device_id: str) -> None:
        """Have a device show the code of the handover."""
        code = {"delivery_id": self.delivery_id, "purpose": "handover", "issued_at": NOW}
        digests = {"code_digest": "c", "pin_digest": "p", "link_digest": "l"}
        await self.write(
            handover_code, **code, **digests, nonce=b"n" * 16, valid_until=NOW + timedelta(days=1)
        )
        handed = {"handed_at": NOW, "asked_by": b"a" * 32, "secret_nonce": b"s" * 16}
        await self.write(code_holding, **code, **handed, device_id=device_id)

    async def seen_at(self, delivery_id: str, latitude: float, age: timedelta) -> None:
        place = {"latitude": latitude, "longitude": 13.4, "accuracy_m": 10.0}
        await self.write(position, delivery_id=delivery_id, taken_at=NOW - age, **place)

    async def tried(
        self, refusal: str, age: timedelta, person_id: str | None = None, elsewhere: str = ""
    ) -> None:
        """Write an attempt to scan: refused with a code, accepted, or `pending`."""
        accepted, pending = refusal == "", refusal == "pending"
        outcome = "accepted" if accepted else "pending" if pending else "refused"
        row = {"attempt_id": new_id(), "delivery_id": elsewhere or self.delivery_id}
        rest = {"purpose": "handover", "person_id": person_id or self.tom, "level": "standard"}
        ends = {"outcome": outcome, "refusal": "" if pending else refusal, "method": "opaque"}
        number = {"event_sequence": 1 if accepted else None, "attempted_at": NOW - age}
        await self.write(scan_attempt, **row, **rest, **ends, **number)

    async def decided(self, outcome: str, score: int, points: Mapping[str, int]) -> str:
        """Write a decision about Tom's scan and return its id."""
        decision_id = new_id()
        row = {"decision_id": decision_id, "delivery_id": self.delivery_id, "person_id": self.tom}
        rest = {"occasion": "handover", "request_id": self.request_id, "model": "rules-1"}
        made = {"outcome": outcome, "score": score, "points": points, "head_sequence": 5}
        await self.write(risk_decision, **row, **rest, **made)
        return decision_id

    async def happened(self, kind: str, sequence: int, **facts: str) -> None:
        row = {"delivery_id": self.delivery_id, "sequence": sequence, "key": new_id()}
        hashes = {"previous_hash": b"p" * 32, "hash": b"h" * 32}
        body = canonical_json({"facts": facts})
        rest = {"kind": kind, "actor_role": "operator", "at": NOW, "body": body}
        await self.write(event, **row, **rest, **hashes)

    async def read(self, **asked: Any) -> ReadSignals:
        """Read the signals of Tom's part in the deal."""
        judged = Judged(
            **{
                "delivery_id": self.delivery_id,
                "carrier_id": self.tom,
                "request_id": self.request_id,
                **asked,
            }
        )
        return await read_signals(self.connection, judged, POLICY)


def _away(delivery_id: str) -> dict[str, float]:
    """Return places that no other delivery of the test has."""
    far = int(delivery_id.replace("-", "")[-6:], 16) / 16**6 * 100
    return {
        "pickup_latitude": far - 50,
        "pickup_longitude": far,
        "destination_latitude": far - 49,
        "destination_longitude": far + 1,
    }
