"""Writes a parcel in the statement that claims the request which opens its delivery.

Nothing of a parcel enters a workflow, so its row has to be there before the workflow starts.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Text,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import insert

from api.access.asking import acted_by
from api.access.claims import asker_of
from api.access.database import Row
from api.access.rows import DeliveryRow, Sight
from api.access.statements import REQUEST_HASH, RESOURCE_ID, claim_for, may_ask_for, who_asks
from api.models.requests import NewDelivery
from api.models.wanted_proofs import kept_terms
from domain.contracts import DeliveryOrder, Standing
from domain.handover.choosing import level_for
from domain.handover.levels import ProofLevel
from domain.identity.actions import Action
from domain.ids import DeliveryId, PersonId
from domain.journey.terms import UndeliverableAction
from domain.lifecycle import opening_standing
from domain.money import Money
from domain.policies import Policies
from domain.pricing import Place, distance_m, suggested_price
from domain.proofs.items import label_digest
from infra.database.schema import data_key, parcel, person
from infra.encryption.owned import KeyOwner, OwnedKeys, OwnerKind, columns_of
from infra.encryption.parcels import PARCEL_KEY, key_text, sealed_parcel
from infra.kept_policies import POLICIES

_GIVEN = tuple(
    column
    for column in parcel.c
    if column.name not in ("delivery_id", "customer_id", "sender_id", "created_at")
)


def _bound(name: str) -> ColumnElement[Any]:
    return bindparam(name, type_=parcel.c[name].type)


_who = who_asks()
_customer = _who.select().where(may_ask_for(_who, Action.OPEN_DELIVERY)).cte("customer")
_claim = claim_for(_customer.c.asker_id, _customer)
_sender = func.coalesce(_bound("sender_id"), _customer.c.asker_id)


def _has_account(person_id: ColumnElement[Any]) -> ColumnElement[bool]:
    return exists().where(person.c.person_id == person_id)


_people_known = and_(
    _has_account(_sender),
    or_(_bound("recipient_id").is_(None), _has_account(_bound("recipient_id"))),
)
_in_time = or_(
    bindparam("is_in_time", type_=Boolean),
    exists().where(parcel.c.delivery_id == _claim.c.claim_resource_id),
)
_was_written = exists().where(parcel.c.delivery_id == _claim.c.claim_resource_id)
_may_be_written = and_(
    _claim.c.claim_hash == REQUEST_HASH,
    _people_known,
    _in_time,
    # What is given was encrypted for the id of this request, and can be read under no other.
    or_(_claim.c.claim_resource_id == RESOURCE_ID, _was_written),
)
_key = {
    name: bindparam(f"new_{name}", type_=data_key.c[name].type)
    for name in ("key_id", "wrapped_by", "wrapped")
}
_kept_key = (
    insert(data_key)
    .from_select(
        ["owner_kind", "owner_id", *_key],
        select(
            literal(str(OwnerKind.DELIVERY)),
            cast(_claim.c.claim_resource_id, Text),
            *_key.values(),
        )
        .select_from(_claim)
        .where(_may_be_written, ~_was_written),
    )
    .on_conflict_do_nothing()
    .cte("kept_key")
)
_written = (
    insert(parcel)
    .from_select(
        ["delivery_id", "customer_id", "sender_id", *(column.name for column in _GIVEN)],
        select(
            _claim.c.claim_resource_id,
            _customer.c.asker_id,
            _sender,
            *(_bound(column.name) for column in _GIVEN),
        )
        .select_from(_customer.join(_claim, true()))
        .where(_may_be_written),
    )
    # A repeated request gets the row of the first one, with the policies and times of that moment.
    .on_conflict_do_update(
        index_elements=["delivery_id"], set_={"delivery_id": parcel.c.delivery_id}
    )
    .returning(*parcel.c)
    .cte("written")
)
_known_key = select(key_text(data_key.c.key_id, data_key.c.wrapped_by, data_key.c.wrapped)).where(
    data_key.c.owner_kind == OwnerKind.DELIVERY,
    data_key.c.owner_id == cast(_claim.c.claim_resource_id, Text),
)
CLAIM_AND_WRITE = (
    select(
        _who,
        _claim,
        _written,
        func.coalesce(_known_key.scalar_subquery(), key_text(*_key.values())).label(PARCEL_KEY),
    )
    .select_from(
        _who.outerjoin(_customer, true()).outerjoin(_claim, true()).outerjoin(_written, true())
    )
    .add_cte(_kept_key)
)
"""Claims the request and writes the parcel; one row when the token is good."""


def parcel_values(
    new: NewDelivery, policies: Policies, request_expires_at: datetime
) -> dict[str, Any]:
    """Return the columns of a new parcel; the statement itself knows the customer."""
    start = Place(new.pickup.latitude, new.pickup.longitude)
    end = Place(new.destination.latitude, new.destination.longitude)
    price = suggested_price(policies.prices, new.currency, distance_m(start, end), new.weight_grams)
    level = str(level_of(new, policies))
    return {
        "sender_id": new.sender_id,
        "recipient_id": new.recipient.person_id,
        "recipient_name": new.recipient.name,
        "recipient_phone": new.recipient.phone,
        "recipient_email": new.recipient.email,
        "description": new.description,
        "weight_grams": new.weight_grams,
        "declared_value_minor": new.declared_value_minor,
        "currency": new.currency,
        "pickup_address": new.pickup.address,
        "pickup_latitude": new.pickup.latitude,
        "pickup_longitude": new.pickup.longitude,
        "destination_address": new.destination.address,
        "destination_latitude": new.destination.latitude,
        "destination_longitude": new.destination.longitude,
        "suggested_price_minor": price.amount_minor,
        "request_expires_at": request_expires_at,
        "pickup_by": new.pickup_by,
        "deliver_by": new.deliver_by,
        "undeliverable_action": new.undeliverable_action.value,
        "proof_level": level,
        # What a corrected value never lowers: else one of the staff could have a parcel handed over
        # with less proof than its customer knows of.
        "asked_level": level,
        "reopens": new.reopens,
        "proof_terms": kept_terms(new.proofs),
        "policies": POLICIES.dump_python(policies, mode="json"),
    }


def level_of(new: NewDelivery, policies: Policies) -> ProofLevel:
    """Return how much proof a new delivery needs."""
    value = new.declared_value_minor
    declared = None if value is None else Money(value, new.currency)
    return level_for(policies.proof, declared, new.proof_level)


def labelled(
    key: bytes, delivery_id: str, new: NewDelivery, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the columns with the fingerprint of the parcel's label, which is of one delivery only."""
    label = new.proofs.label if new.proofs else None
    digest = label_digest(key, DeliveryId(delivery_id), label) if label else None
    return {**values, "label_digest": digest}


async def sealed_values(
    keys: OwnedKeys, delivery_id: str, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Return the values of the statement: the parcel encrypted with a key of its own, and that key."""
    row = await keys.new_row(KeyOwner.delivery(delivery_id))
    key = columns_of(row)
    return {
        **sealed_parcel(await keys.opened(row), delivery_id, values),
        **{f"new_{name}": key[name] for name in _key},
    }


def order_in(row: Row) -> DeliveryOrder:
    """Return the order of a written parcel."""
    recipient_id, undeliverable = row["recipient_id"], row["undeliverable_action"]
    return DeliveryOrder(
        delivery_id=DeliveryId(row["delivery_id"]),
        customer_id=PersonId(row["customer_id"]),
        sender_id=PersonId(row["sender_id"]),
        recipient_id=PersonId(recipient_id) if recipient_id else None,
        currency=row["currency"],
        request_expires_at=row["request_expires_at"],
        pickup_by=row["pickup_by"],
        deliver_by=row["deliver_by"],
        policies=POLICIES.validate_python(row["policies"]),
        undeliverable_action=UndeliverableAction(undeliverable) if undeliverable else None,
        reopens=row["reopens"],
        acted_by=acted_by(),
    )


def opening_sight(row: Row) -> Sight:
    """Return a delivery as it is opened."""
    return opened_sight(row, opening_standing(order_in(row)))


def opened_sight(row: Row, standing: Standing) -> Sight:
    """Return a delivery that was opened just now, as its customer sees it."""
    price = standing.price
    columns = {
        **row,
        "traveler_id": standing.traveler_id,
        "status": standing.status,
        "escrow": standing.escrow,
        "dispute": standing.dispute,
        "dispute_id": standing.dispute_id,
        "price_minor": price.amount_minor if price else None,
        "deadline_kind": standing.deadline_kind,
        "deadline_at": standing.deadline_at,
        "attention": standing.attention,
        "is_offering": False,
        "head_sequence": 1,
        "held_since": None,
    }
    return Sight(asker_of(row), DeliveryRow.read(columns))
