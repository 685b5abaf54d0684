"""Writes what staff have prepared to correct: personal data that never enters a workflow."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Text, Uuid, bindparam, case, cast, func, select, update
from sqlalchemy.dialects.postgresql import insert

from api.access.database import Database, Row
from api.edge.problems import EdgeCode, Problem
from api.models.amendments import (
    NewAmendment,
    PreparedAmendments,
    PreparedPlace,
    PreparedRecipient,
    PreparedView,
)
from api.models.requests import PlaceIn
from api.two_people import require_untied
from domain.amending import AmendmentKind
from domain.errors import RefusalCode
from infra.database.schema import amendment, parcel, person
from infra.encryption.owned import KeyOwner
from infra.encryption.parcels import ERASED, PARCEL_KEY, key_column, opened_parcel, sealed_parcel
from infra.encryption.parts import Encryption
from infra.encryption.recipients import recipient_lookups
from infra.overriding.people import Newcomer

_PERSON = select(person.c.person_id).where(
    person.c.person_id == bindparam("named", type_=Uuid(as_uuid=False))
)
PREPARED_MAX = 20
"""Prepared rows that are shown: the newest."""
_KEY = "amendment_key"
"""Name of the column with the key of what is prepared: it is no column of the row that it opens."""
_row = amendment.c
_of_delivery = _row.delivery_id == bindparam("of_delivery_id", type_=Uuid(as_uuid=False))
_asked_for = _row.amendment_id == bindparam("asked_amendment_id", type_=Uuid(as_uuid=False))
_by = bindparam("by", type_=Uuid(as_uuid=False))
_PREPARED = (
    select(amendment, key_column().element.label(_KEY))
    .join(parcel, parcel.c.delivery_id == _row.delivery_id)
    .where(_of_delivery)
    .order_by(_row.amendment_id.desc())
    .limit(PREPARED_MAX)
)
_AGREED_TO = select(
    _row.prepared_by,
    *(
        _row.value[f"recipient_{name}"].astext.label(name)
        for name in ("id", "email_lookup", "phone_lookup")
    ),
).where(_of_delivery, _asked_for)
_is_anothers = (_row.prepared_by != _by) & _row.applied_at.is_(None)
_APPROVE = (
    update(amendment)
    .where(_of_delivery, _asked_for)
    .values(
        approved_by=case((_is_anothers, _by), else_=_row.approved_by),
        approved_at=case((_is_anothers, func.now()), else_=_row.approved_at),
    )
    .returning(_row.kind, cast(_row.value["recipient_id"].astext, Text).label("recipient_id"))
)
"""Whoever has prepared it approves nothing by it, and what was taken over stays as it was."""


def prepared_in(new: NewAmendment) -> tuple[AmendmentKind, dict[str, Any]] | None:
    """Return what a correction has to prepare, by the names of the parcel's columns, if anything."""
    for kind, place in (
        (AmendmentKind.PICKUP, new.pickup),
        (AmendmentKind.DESTINATION, new.destination),
    ):
        if place is not None:
            return kind, _place(kind, place)
    who = new.recipient
    if who is None:
        return None
    return AmendmentKind.RECIPIENT, {
        "recipient_name": who.name,
        "recipient_phone": who.phone,
        "recipient_email": who.email,
        "recipient_id": who.person_id,
    }


async def prepare(
    database: Database,
    amendment_id: str,
    delivery_id: str,
    by: str,
    prepared: tuple[AmendmentKind, dict[str, Any]],
    *,
    encryption: Encryption,
) -> None:
    """Keep a prepared correction.

    Raises:
        Problem: `person_unknown`: the recipient's account is nobody's.
    Idempotency: one that is kept already stays as it is.
    """
    kind, value = prepared
    named = value.get("recipient_id")
    if named is not None and await database.first(_PERSON, {"named": named}) is None:
        raise Problem(EdgeCode.PERSON_UNKNOWN, "The recipient's person_id names nobody.")
    async with database.connection() as connection:
        key = await encryption.keys.made_for(connection, KeyOwner.delivery(delivery_id))
    if kind is AmendmentKind.RECIPIENT:
        value = {**value, **recipient_lookups(encryption, value)}
    row = {
        "amendment_id": amendment_id,
        "delivery_id": delivery_id,
        "kind": str(kind),
        # It is encrypted for the parcel's row, into which it is taken over as it is.
        "value": sealed_parcel(key, delivery_id, value),
        "prepared_by": by,
    }
    await database.run(insert(amendment).on_conflict_do_nothing(), row)


async def approve(
    database: Database, delivery_id: str, amendment_id: str, by: str
) -> tuple[AmendmentKind, str | None]:
    """Agree to what somebody else has prepared, and return its kind and the recipient's account.

    Whoever has prepared it themselves only gets these: whether that is enough, the delivery says.

    Raises:
        Problem: `amendment_unknown`, or `second_person_needed` when both accounts are one person's or
            tied to somebody with a part in the delivery or to the recipient who is prepared.
    Idempotency: what was taken over already stays as it is.
    """
    asked = {"of_delivery_id": delivery_id, "asked_amendment_id": amendment_id}
    async with database.connection() as connection:
        row = (await connection.execute(_AGREED_TO, asked)).one_or_none()
        if row is not None and row.prepared_by != by:
            newcomer = Newcomer(row.id, row.email_lookup, row.phone_lookup)
            await require_untied(connection, delivery_id, by, row.prepared_by, newcomer)
    found = await database.first(_APPROVE, {**asked, "by": by})
    if found is None:
        raise Problem(RefusalCode.AMENDMENT_UNKNOWN, "There is no such amendment.")
    return AmendmentKind(found["kind"]), found["recipient_id"]


async def prepared_for(database: Database, delivery_id: str) -> PreparedAmendments:
    """Return what was prepared for a delivery, as whoever agrees to it has to read it."""
    rows = await database.every(_PREPARED, {"of_delivery_id": delivery_id})
    return PreparedAmendments(amendments=[await _view(database, row) for row in rows])


async def _view(database: Database, row: Row) -> PreparedView:
    said = {**row["value"], "delivery_id": row["delivery_id"], PARCEL_KEY: row[_KEY]}
    value = await opened_parcel(database.keys, said)
    kind = AmendmentKind(row["kind"])
    is_recipient = kind is AmendmentKind.RECIPIENT
    return PreparedView(
        amendment_id=row["amendment_id"],
        kind=kind,
        place=None if is_recipient else _place_in(kind, value),
        recipient=_recipient_in(value) if is_recipient else None,
        prepared_by=row["prepared_by"],
        prepared_at=row["prepared_at"],
        approved_by=row["approved_by"],
        applied_at=row["applied_at"],
    )


def _place_in(kind: AmendmentKind, value: dict[str, Any]) -> PreparedPlace:
    """Return a prepared place; of one that was erased nothing is left."""
    return PreparedPlace(
        address=value.get(f"{kind}_address") or ERASED,
        latitude=value.get(f"{kind}_latitude") or 0,
        longitude=value.get(f"{kind}_longitude") or 0,
    )


def _recipient_in(value: dict[str, Any]) -> PreparedRecipient:
    return PreparedRecipient(
        name=value.get("recipient_name") or ERASED,
        phone=value.get("recipient_phone"),
        email=value.get("recipient_email"),
        person_id=value.get("recipient_id"),
    )


def _place(kind: AmendmentKind, place: PlaceIn) -> dict[str, Any]:
    return {
        f"{kind}_address": place.address,
        f"{kind}_latitude": place.latitude,
        f"{kind}_longitude": place.longitude,
    }
