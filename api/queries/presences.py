"""Who was at a handover: asked for with a passkey, and written down with where the device was."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, and_, bindparam, exists, literal, or_, select, text, true

from api.access.database import Database
from api.access.devices import asked_device
from api.access.statements import DELIVERY_ID, claim_on, delivery_columns, may_know, seen, who_asks
from api.queries.holdings import code_of
from domain.contracts import CodePurpose
from domain.handover.places import Fix
from domain.journey.relay import RelayStatus
from infra.database.schema import delivery, parcel, relay

_PURPOSE = bindparam("purpose", type_=Text)


def _claim() -> Select[Any]:
    who = who_asks()
    takes_over = and_(
        literal(str(CodePurpose.RELAY), Text) == _PURPOSE,
        exists().where(
            relay.c.delivery_id == delivery.c.delivery_id,
            relay.c.taker_id == who.c.asker_id,
            relay.c.status == str(RelayStatus.AGREED),
        ),
    )
    target = (
        select(
            *delivery_columns(who),
            parcel.c.policies["proof"].label("proof_policy"),
            takes_over.label("takes_over"),
        )
        .select_from(
            who.join(delivery, true()).join(parcel, parcel.c.delivery_id == delivery.c.delivery_id)
        )
        .where(delivery.c.delivery_id == DELIVERY_ID, or_(may_know(who), takes_over))
        .cte("target")
    )
    code = code_of(select(target.c.delivery_id).scalar_subquery()).cte("code")
    return seen(who, target, claim_on(who, target), code, asked_device(who))


CLAIM_ON_PRESENCE = _claim()
"""Claims what somebody shows about being at a handover; the traveler who takes over knows of it too."""
_WRITE = text("""
WITH seen AS (
    UPDATE device SET last_seen_at = now() WHERE device_id = CAST(:device_id AS uuid)
        AND revoked_at IS NULL
    RETURNING device_id
)
INSERT INTO presence (
    delivery_id, purpose, person_id, device_id, latitude, longitude, accuracy_m, taken_at, is_mocked,
    proof, verified_at
)
SELECT CAST(:delivery_id AS uuid), :purpose, CAST(:person_id AS uuid), device_id, :latitude,
    :longitude, :accuracy_m, CAST(:taken_at AS timestamptz), :is_mocked, CAST(:proof AS jsonb), now()
FROM seen
ON CONFLICT (delivery_id, purpose, person_id) DO UPDATE SET
    device_id = excluded.device_id, latitude = excluded.latitude, longitude = excluded.longitude,
    accuracy_m = excluded.accuracy_m, taken_at = excluded.taken_at, is_mocked = excluded.is_mocked,
    proof = excluded.proof, verified_at = excluded.verified_at
RETURNING verified_at
""")


@dataclass(frozen=True, slots=True)
class NewPresence:
    """Somebody who is at a handover."""

    delivery_id: str
    purpose: CodePurpose
    person_id: str
    device_id: str
    fix: Fix
    proof: str
    """What the passkey has signed, as JSON."""


async def write_presence(database: Database, new: NewPresence) -> datetime | None:
    """Write down that somebody is there, in place of an earlier time; return since when.

    None is returned for a device that was revoked meanwhile.
    """
    values = {
        "delivery_id": new.delivery_id,
        "purpose": str(new.purpose),
        "person_id": new.person_id,
        "device_id": new.device_id,
        "latitude": new.fix.place.latitude,
        "longitude": new.fix.place.longitude,
        "accuracy_m": new.fix.accuracy_m,
        "taken_at": new.fix.taken_at,
        "is_mocked": new.fix.is_mock,
        "proof": new.proof,
    }
    row = await database.first(_WRITE, values)
    return None if row is None else row["verified_at"]
