"""Claims and reads relays: the giver and the taker may know one that the delivery does not tell them of."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import CTE, Integer, Select, Text, Uuid, any_, bindparam, literal, or_, select, true

from api.access.claims import Claim
from api.access.rows import INSIDERS
from api.access.statements import (
    DELIVERY_ID,
    claim_on,
    delivery_columns,
    holds_any,
    known_delivery,
    seen,
    who_asks,
)
from api.models.undelivered import PositionNow
from api.queries.scanning import scan_facts
from domain.contracts import CodePurpose, Role
from domain.pricing import Place, distance_m
from infra.database.schema import delivery, parcel, person, position, relay

RELAY_ID = bindparam("relay_id", type_=Uuid(as_uuid=False))
_TAKER_ID = bindparam("taker_id", type_=Uuid(as_uuid=False))
_COUNT = bindparam("count", type_=Integer)

_RELAY_COLUMNS = tuple(column.name for column in relay.c if column.name != "delivery_id")


def _prefixed(name: str) -> str:
    return name if name.startswith("relay_") else f"relay_{name}"


def _known_relays(who: CTE) -> Select[tuple[object, ...]]:
    """Return relays with their deliveries, those that the asking person may know."""
    return (
        select(
            *delivery_columns(who),
            *(relay.c[name].label(_prefixed(name)) for name in _RELAY_COLUMNS),
            parcel.c.policies["fees"].label("relay_fees"),
        )
        .select_from(
            who.join(relay, true())
            .join(delivery, delivery.c.delivery_id == relay.c.delivery_id)
            .join(parcel, parcel.c.delivery_id == delivery.c.delivery_id)
        )
        .where(
            or_(
                relay.c.giver_id == who.c.asker_id,
                relay.c.taker_id == who.c.asker_id,
                holds_any(who, INSIDERS),
            )
        )
        .order_by(relay.c.relay_id.desc())
    )


def _with_taker() -> Select[tuple[object, ...]]:
    who = who_asks()
    target = known_delivery(who).cte("target")
    taker = (
        select(literal(1).label("taker_found"))
        .select_from(target.join(person, true()))
        .where(
            person.c.person_id == _TAKER_ID,
            literal(str(Role.TRAVELER), Text) == any_(person.c.roles),
        )
        .cte("taker")
    )
    return seen(who, target, claim_on(who, target), taker)


def _of_one() -> Select[tuple[object, ...]]:
    who = who_asks()
    found = _known_relays(who).where(delivery.c.delivery_id == DELIVERY_ID)
    target = found.where(relay.c.relay_id == RELAY_ID).cte("target")
    return seen(who, target, claim_on(who, target))


def _at_meeting() -> Select[tuple[object, ...]]:
    who = who_asks()
    found = _known_relays(who).where(delivery.c.delivery_id == DELIVERY_ID)
    target = found.where(relay.c.relay_id == RELAY_ID).cte("target")
    last = (
        select(
            position.c.latitude.label("last_latitude"),
            position.c.longitude.label("last_longitude"),
            position.c.taken_at.label("last_taken_at"),
        )
        .select_from(target.join(position, position.c.delivery_id == target.c.delivery_id))
        .order_by(position.c.taken_at.desc())
        .limit(1)
        .cte("last")
    )
    claim = claim_on(who, target)
    facts = scan_facts(who, target, claim, CodePurpose.RELAY)
    return seen(who, target, claim, *facts, last)


def _mine() -> Select[tuple[object, ...]]:
    who = who_asks()
    own = or_(relay.c.giver_id == who.c.asker_id, relay.c.taker_id == who.c.asker_id)
    return seen(who, _known_relays(who).where(own).limit(_COUNT).cte("target"))


def _latest() -> Select[tuple[object, ...]]:
    who = who_asks()
    found = _known_relays(who).where(delivery.c.delivery_id == DELIVERY_ID)
    return seen(who, found.limit(1).cte("target"))


CLAIM_WITH_TAKER = _with_taker()
"""Claims the wish to hand a parcel on, and tells whether there is such a traveler."""
CLAIM_ON_RELAY = _of_one()
"""Claims what somebody decides about one relay."""
CLAIM_AT_MEETING = _at_meeting()
"""Claims the scan of a relay, with what proves its code and where the giver was last."""
LATEST_RELAY = _latest()
"""The last relay of a delivery."""
OWN_RELAYS = _mine()
"""The relays in which the asking person gives or takes, the latest first."""


def apart_m(claimed: Claim, given: PositionNow, age_s_max: int) -> int | None:
    """Return how far the taker may be from the giver.

    Units: metres; none when no position of the giver is known that is young enough.
    """
    row = claimed.row
    taken_at = row["last_taken_at"]
    if taken_at is None or claimed.created_at - taken_at > timedelta(seconds=age_s_max):
        return None
    giver = Place(row["last_latitude"], row["last_longitude"])
    away_m = distance_m(giver, Place(given.latitude, given.longitude))
    # A position that may be anywhere proves nothing.
    return round(max(away_m, given.accuracy_m))
