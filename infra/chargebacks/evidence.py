"""Assembles evidence from the database: what was scanned, reported, shown and said."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.chargeback_ports import AssembledEvidence
from domain.contracts import CodePurpose
from domain.evidence import (
    DeliveryProof,
    Exhibit,
    PositionsSeen,
    ProvenScan,
    StatementMade,
    evidence_of,
)
from domain.ids import DeliveryId
from domain.money import Money
from domain.pricing import Place, distance_m
from infra.encryption.owned import OwnedKeys
from infra.encryption.people import person_key_sql
from infra.encryption.words import AUTHOR_KEY, opened_words
from infra.kept_policies import POLICIES

_DELIVERY = text("""
SELECT delivery.opened_at, delivery.price_minor, delivery.currency, parcel.weight_grams,
    parcel.pickup_latitude, parcel.pickup_longitude, parcel.destination_latitude,
    parcel.destination_longitude, parcel.policies
FROM delivery JOIN parcel USING (delivery_id) WHERE delivery_id = :delivery_id
""")
_EVENTS = text("""
SELECT kind, at, CAST(body AS jsonb) -> 'facts' ->> 'method' AS method FROM event
WHERE delivery_id = :delivery_id AND NOT kind = ANY(CAST(:own AS text[]))
    AND NOT EXISTS (
        SELECT FROM event AS undone WHERE undone.delivery_id = event.delivery_id
            AND undone.sequence > event.sequence
            AND (event.kind, undone.kind) IN (('pickup_verified', 'pickup_undone'),
                ('picked_up', 'pickup_undone'), ('handed_over', 'handover_undone'),
                ('parcel_left', 'handover_undone'))
    )
ORDER BY sequence
""")
_POSITIONS = text("""
SELECT count(*) AS reported, min(taken_at) AS first_at, max(taken_at) AS last_at FROM position
WHERE delivery_id = :delivery_id
""")
_CLOSEST = text("""
SELECT latitude, longitude FROM position WHERE delivery_id = :delivery_id
ORDER BY (latitude - :latitude) ^ 2 + ((longitude - :longitude) * cos(radians(:latitude))) ^ 2
LIMIT 1
""")
_SHOWN = text(f"""
SELECT shown.created_at, shown.kind, shown.description, shown.evidence_id, shown.author_id,
    {person_key_sql("shown.author_id")} AS {AUTHOR_KEY}, coalesce(shown.content_sha256, '') AS sha256,
    CASE shown.author_id WHEN delivery.customer_id THEN 'customer'
        WHEN delivery.traveler_id THEN 'traveler' WHEN delivery.recipient_id THEN 'recipient'
        WHEN delivery.sender_id THEN 'sender' ELSE 'agent' END AS author
FROM dispute_evidence AS shown JOIN dispute USING (dispute_id) JOIN delivery USING (delivery_id)
WHERE delivery_id = :delivery_id ORDER BY shown.evidence_id
""")  # noqa: S608 -- The parts are constants of ours.
_SAID = text(f"""
SELECT said.created_at, said.text, said.message_id, said.author_id,
    {person_key_sql("said.author_id")} AS {AUTHOR_KEY},
    CASE said.author_id WHEN delivery.customer_id THEN 'customer'
        WHEN delivery.traveler_id THEN 'traveler' WHEN delivery.recipient_id THEN 'recipient'
        WHEN delivery.sender_id THEN 'sender' ELSE 'agent' END AS author
FROM dispute_message AS said JOIN dispute USING (dispute_id) JOIN delivery USING (delivery_id)
WHERE delivery_id = :delivery_id ORDER BY said.message_id
""")  # noqa: S608 -- The same.
_VERDICT = text("""
SELECT outcome FROM dispute WHERE delivery_id = :delivery_id AND status = 'decided'
ORDER BY decided_at DESC LIMIT 1
""")

_PURPOSES = {
    "pickup_verified": CodePurpose.PICKUP,
    "picked_up": CodePurpose.PICKUP,
    "handed_over": CodePurpose.HANDOVER,
    "handed_over_late": CodePurpose.HANDOVER,
    "returned": CodePurpose.RETURN,
    "relayed": CodePurpose.RELAY,
}
"""Events that a code was accepted for; of a pickup in two steps the first had the code."""
_OWN = (
    "attention_raised",
    "attention_resolved",
    "bearer_named",
    "chargeback_closed",
    "chargeback_inquired",
    "chargeback_lost",
    "chargeback_opened",
    "chargeback_parked",
    "chargeback_resumed",
    "chargeback_won",
    "evidence_submitted",
)
"""Events that say nothing about the delivery: evidence must not change because it was staged."""


class DatabaseEvidence:
    """Port `EvidenceSource` on PostgreSQL."""

    def __init__(self, engine: AsyncEngine, keys: OwnedKeys) -> None:
        self._engine, self._keys = engine, keys

    async def assemble(self, delivery_id: DeliveryId) -> AssembledEvidence:
        """Return the evidence as it is now; the same records give the same texts."""
        async with self._engine.connect() as plain:
            connection = await plain.execution_options(isolation_level="REPEATABLE READ")
            proof = await _proof(connection, self._keys, delivery_id)
        return AssembledEvidence(
            evidence=evidence_of(proof),
            scans=len(proof.scans),
            positions=proof.positions.count,
            exhibits=len(proof.exhibits),
            messages=len(proof.statements),
        )


async def _proof(
    connection: AsyncConnection, keys: OwnedKeys, delivery_id: DeliveryId
) -> DeliveryProof:
    asked = {"delivery_id": delivery_id}
    row = (await connection.execute(_DELIVERY, asked)).one()
    events = (await connection.execute(_EVENTS, asked | {"own": list(_OWN)})).all()
    shown = [
        await opened_words(keys, "dispute_evidence", each._asdict())
        for each in (await connection.execute(_SHOWN, asked)).all()
    ]
    said = [
        await opened_words(keys, "dispute_message", each._asdict())
        for each in (await connection.execute(_SAID, asked)).all()
    ]
    verdict = await connection.scalar(_VERDICT, asked)
    destination = Place(row.destination_latitude, row.destination_longitude)
    pickup = Place(row.pickup_latitude, row.pickup_longitude)
    return DeliveryProof(
        delivery_id=delivery_id,
        opened_at=row.opened_at,
        price=None if row.price_minor is None else Money(row.price_minor, row.currency),
        weight_grams=row.weight_grams,
        distance_m=round(distance_m(pickup, destination)),
        policies=POLICIES.validate_python(row.policies),
        scans=_scans(events),
        positions=await _positions(connection, delivery_id, destination),
        exhibits=tuple(
            Exhibit(
                each["created_at"],
                each["author"],
                each["kind"],
                each["description"],
                each["sha256"],
            )
            for each in shown
        ),
        statements=tuple(
            StatementMade(
                each["created_at"], each["author"], sha256(each["text"].encode()).hexdigest()
            )
            for each in said
        ),
        verdict=str(verdict or ""),
        timeline=tuple((each.at, each.kind) for each in events),
    )


def _scans(events: Sequence[Row[Any]]) -> tuple[ProvenScan, ...]:
    found: dict[CodePurpose, ProvenScan] = {}
    for each in events:
        purpose = _PURPOSES.get(each.kind)
        if purpose is not None:
            found.setdefault(purpose, ProvenScan(purpose, each.at, each.method or ""))
    return tuple(found.values())


async def _positions(
    connection: AsyncConnection, delivery_id: DeliveryId, destination: Place
) -> PositionsSeen:
    asked = {"delivery_id": delivery_id}
    seen = (await connection.execute(_POSITIONS, asked)).one()
    if not seen.reported:
        return PositionsSeen(0)
    around = {"latitude": destination.latitude, "longitude": destination.longitude}
    closest = (await connection.execute(_CLOSEST, asked | around)).one()
    found = distance_m(Place(closest.latitude, closest.longitude), destination)
    return PositionsSeen(seen.reported, seen.first_at, seen.last_at, round(found))
