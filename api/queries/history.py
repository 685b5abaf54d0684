"""The events of one delivery, in order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Integer,
    Text,
    Uuid,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from api.access.database import Database
from api.access.rows import STAFF, Relation, Sight
from api.models.records import EventView
from domain.contracts import Role
from domain.correcting.events import FOR_STAFF
from domain.holds.risky import DECIDED, LOOKED_AT
from domain.holds.shown import AMONG_STAFF, MOVING_HOLDS, SHOWN_AS
from domain.identity.roles import told_as
from domain.leaving.withdrawal import STRIKE
from domain.messages import CONCERNS
from domain.transitions import EventKind
from infra.database.schema import event
from infra.encryption.facts import has_sealed_words, key_of_words, opened_facts
from infra.encryption.fields import OwnedKey
from infra.encryption.owned import OwnedKeys

OFFER_KINDS = (
    EventKind.OFFER_SUBMITTED,
    EventKind.OFFER_COUNTERED,
    EventKind.OFFER_WITHDRAWN,
)
"""Events about one traveler's offer, which are not for the eyes of the others."""

_Reserved = tuple[frozenset[str], frozenset[Relation]]
_FOR_THE_PAYER: _Reserved = (frozenset({"reason"}), STAFF | {Relation.CUSTOMER})
_FOR_STAFF: _Reserved = (frozenset({"reason", "reference"}), STAFF)
_OF_HOLDS: _Reserved = (frozenset({"reason", DECIDED, LOOKED_AT}), STAFF)
_OF_OVERRIDES: _Reserved = (frozenset({"override_id", "asked_by", "approved_by"}), STAFF)
_STRIKE: _Reserved = (frozenset({STRIKE}), STAFF)
_NOTHING_RESERVED: _Reserved = (frozenset(), frozenset())
RESERVED: Mapping[str, _Reserved] = {
    EventKind.PAYMENT_DECLINED: _FOR_THE_PAYER,
    EventKind.PAYMENT_UNSETTLED: _FOR_THE_PAYER,
    EventKind.PAYMENT_VOID_STARTED: _FOR_THE_PAYER,
    EventKind.PAYMENT_VOIDED: _FOR_THE_PAYER,
    EventKind.CANCELLED: _STRIKE,
    EventKind.LIFT_STARTED: _STRIKE,
    EventKind.REFUND_STARTED: _STRIKE,
    EventKind.REOPENED: _STRIKE,
    EventKind.TRAVELER_LEFT: _STRIKE,
    EventKind.ATTENTION_RAISED: _FOR_STAFF,
    EventKind.ATTENTION_RESOLVED: _FOR_STAFF,
    EventKind.HOLD_PLACED: _OF_HOLDS,
    EventKind.HOLD_LIFTED: _OF_HOLDS,
    EventKind.PICKUP_OVERRIDDEN: _OF_OVERRIDES,
    EventKind.HANDOVER_OVERRIDDEN: _OF_OVERRIDES,
    EventKind.RETURN_OVERRIDDEN: _OF_OVERRIDES,
    EventKind.DEADLINE_CORRECTED: _FOR_STAFF,
    EventKind.ADDRESS_CORRECTED: _FOR_STAFF,
    EventKind.RECIPIENT_CORRECTED: _FOR_STAFF,
    EventKind.PARCEL_CORRECTED: _FOR_STAFF,
}
"""Facts that only some may read: why a bank declined is between it and the payer, and what staff
note about a parked step stays among them. Strikes too."""

_traveler_id = bindparam("traveler_id", type_=Uuid(as_uuid=False))
_offers = func.jsonb_array_elements(cast(event.c.body, JSONB)["offers"]).table_valued(
    "value", name="offers"
)
_of_this_traveler = exists(
    select(literal_column("1"))
    .select_from(_offers)
    .where(
        cast(cast(_offers.c.value, JSONB)["traveler_id"].astext, Uuid(as_uuid=False))
        == _traveler_id
    )
)
_capacities = bindparam("capacities", type_=ARRAY(Text))
_concerned = func.string_to_array(
    cast(event.c.body, JSONB)["facts"][CONCERNS].astext, " ", type_=ARRAY(Text)
)
"""Whom an event concerns, where it does not concern everybody."""
_earlier = event.alias("earlier")
_moved_last = (
    select(_earlier.c.kind)
    .where(
        _earlier.c.delivery_id == event.c.delivery_id,
        _earlier.c.sequence < event.c.sequence,
        _earlier.c.kind.in_([str(kind) for kind in MOVING_HOLDS]),
    )
    .order_by(_earlier.c.sequence.desc())
    .limit(1)
    .correlate(event)
    .scalar_subquery()
)
_places_hold = case(
    (
        event.c.kind == str(EventKind.SOS_CALLED),
        func.coalesce(_moved_last, str(EventKind.HOLD_LIFTED)) == str(EventKind.HOLD_LIFTED),
    ),
    else_=False,
)
"""Whether an event is a call for help that has put the delivery on hold."""
_EVENTS = (
    select(
        event.c.sequence, event.c.key, event.c.kind, event.c.at, event.c.actor_role, event.c.body
    )
    .where(
        event.c.delivery_id == bindparam("delivery_id", type_=Uuid(as_uuid=False)),
        event.c.sequence > bindparam("after", type_=Integer),
        or_(
            _traveler_id.is_(None),
            not_(event.c.kind.in_([str(kind) for kind in OFFER_KINDS])),
            _of_this_traveler,
        ),
        or_(
            _capacities.is_(None),
            and_(
                event.c.kind.not_in([str(kind) for kind in AMONG_STAFF]),
                or_(_concerned.is_(None), _concerned.overlap(_capacities), _places_hold),
            ),
        ),
    )
    .order_by(event.c.sequence)
    .limit(bindparam("count", type_=Integer))
)


async def events(
    database: Database, keys: OwnedKeys, sight: Sight, after: int, count: int
) -> list[EventView]:
    """Return the events behind a sequence number, oldest first, as far as they concern somebody.

    Shape: offers of others are left out, events that concern somebody else, and facts that are not
    for the person's eyes.
    """
    relations = told_as(sight.relations)
    values = {
        "delivery_id": sight.delivery.delivery_id,
        "traveler_id": _offers_of(sight),
        "capacities": None if relations & STAFF else [str(each) for each in relations],
        "after": after,
        "count": count,
    }
    rows = [
        {**row, "body": json.loads(row["body"])} for row in await database.every(_EVENTS, values)
    ]
    key = None
    if any(has_sealed_words(row["body"]["facts"]) for row in rows):
        async with database.connection() as connection:
            key = await key_of_words(keys, connection, sight.delivery.delivery_id)
    return [_view(row, sight, key) for row in rows]


def _as_hold(row: Mapping[str, Any]) -> EventView:
    """Return a call for help as the hold that parties read of: whoever is the danger is one of them."""
    return EventView(
        sequence=row["sequence"],
        kind=SHOWN_AS,
        at=row["at"],
        actor_role=Role.OPERATOR,
        status=row["body"]["standing"]["status"],
        facts={},
    )


def _offers_of(sight: Sight) -> str | None:
    """Return whose offers the person may see, or none for those who may see all."""
    sees_all = told_as(sight.relations) & (STAFF | {Relation.CUSTOMER, Relation.SENDER})
    return None if sees_all else sight.asker.person_id


def _view(row: Mapping[str, Any], sight: Sight, key: OwnedKey | None) -> EventView:
    body, relations = row["body"], told_as(sight.relations)
    if row["kind"] == EventKind.SOS_CALLED and not relations & STAFF:
        return _as_hold(row)
    hidden, readers = RESERVED.get(row["kind"], _NOTHING_RESERVED)
    facts = opened_facts(key, sight.delivery.delivery_id, row["key"], body["facts"])
    if not relations & readers:
        facts = {name: fact for name, fact in facts.items() if name not in hidden}
    if not relations & STAFF and CONCERNS in facts:
        facts = {name: fact for name, fact in facts.items() if name not in FOR_STAFF}
    return EventView(
        sequence=row["sequence"],
        kind=row["kind"],
        at=row["at"],
        actor_role=row["actor_role"],
        status=body["standing"]["status"],
        facts=facts,
    )
