"""Writes what staff have prepared to correct: personal data that never enters a workflow."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Uuid, bindparam, select
from sqlalchemy.dialects.postgresql import insert

from api.access.database import Database
from api.edge.problems import EdgeCode, Problem
from api.models.amendments import NewAmendment
from api.models.requests import PlaceIn
from domain.amending import AmendmentKind
from infra.database.schema import amendment, person
from infra.encryption.owned import KeyOwner
from infra.encryption.parcels import sealed_parcel
from infra.encryption.parts import Encryption
from infra.encryption.recipients import recipient_lookups

_PERSON = select(person.c.person_id).where(
    person.c.person_id == bindparam("named", type_=Uuid(as_uuid=False))
)


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


def _place(kind: AmendmentKind, place: PlaceIn) -> dict[str, Any]:
    return {
        f"{kind}_address": place.address,
        f"{kind}_latitude": place.latitude,
        f"{kind}_longitude": place.longitude,
    }
