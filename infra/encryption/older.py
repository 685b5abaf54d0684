"""Encrypts what was written before there was encryption, a batch at a time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Table, Update, and_, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.messages import NotificationState
from infra.database.schema import data_key, notification, person, saved_address
from infra.encryption.addresses import sealed_address
from infra.encryption.batches import Batch, in_batches
from infra.encryption.fields import SEALED_PREFIX, Place, is_sealed
from infra.encryption.indexes import BlindIndex, contact_lookups
from infra.encryption.keys import KeyDestroyed
from infra.encryption.older_words import seal_evidence, seal_messages, seal_pictures
from infra.encryption.owned import KeyOwner, OwnerKind
from infra.encryption.parcels import seal_parcels
from infra.encryption.parts import Encryption
from infra.encryption.people import (
    CONTACT_OF,
    RECIPIENT_CONTACT_OF,
    SEALED_COLUMNS,
    place_of,
    sealed_person,
)

BATCH = 200
"""Rows that are encrypted in one transaction."""
PLAIN = f"{SEALED_PREFIX}%"


async def seal_older(engine: AsyncEngine, encryption: Encryption) -> Mapping[str, int]:
    """Encrypt everything that is still in clear, and return how many rows of each table there were.

    Idempotency: each batch is one transaction, and what is encrypted is left alone. It may be
    stopped and run again at any time, while everything else runs, and by several at once.
    """
    done = {"parcel": await seal_parcels(engine, encryption.keys)}
    for name, batch in _BATCHES.items():
        done[name] = await in_batches(engine, batch, encryption)
    return done


async def _people(connection: AsyncConnection, encryption: Encryption) -> int:
    """Encrypt names and contacts of people; those who were erased have none."""
    erased = exists().where(
        data_key.c.owner_kind == OwnerKind.PERSON,
        data_key.c.owner_id == person.c.person_id.cast(data_key.c.owner_id.type),
        data_key.c.wrapped.is_(None),
    )
    plain = (
        select(person.c.person_id, *(person.c[name] for name in SEALED_COLUMNS))
        .where(or_(*(person.c[name].not_like(PLAIN) for name in SEALED_COLUMNS)), ~erased)
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = [row._asdict() for row in (await connection.execute(plain)).all()]
    for row in rows:
        key = await encryption.keys.made_for(connection, KeyOwner.person(row["person_id"]))
        shown = {name: row[name] for name in SEALED_COLUMNS if not is_sealed(row[name] or "")}
        values = {
            **sealed_person(key, row["person_id"], shown),
            **_lookups(encryption.index, shown),
        }
        await connection.execute(_change(person, row["person_id"]).values(values))
    return len(rows)


def _lookups(index: BlindIndex, shown: Mapping[str, str | None]) -> dict[str, str | None]:
    found = contact_lookups(index, shown.get("email"), shown.get("phone"))
    return {name: value for name, value in found.items() if value is not None}


async def _notices(connection: AsyncConnection, encryption: Encryption) -> int:
    """Encrypt where messages went; who registered without finishing it has no key, and is forgotten."""
    under_way = notification.c.state.in_((NotificationState.QUEUED, NotificationState.SENDING))
    owned = or_(notification.c.person_id.is_not(None), notification.c.delivery_id.is_not(None))
    plain = (
        select(notification)
        .where(
            and_(notification.c.address != "", notification.c.address.not_like(PLAIN)),
            or_(owned, ~under_way),
        )
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = [row._asdict() for row in (await connection.execute(plain)).all()]
    for row in rows:
        values = await _sealed_notice(connection, encryption, row)
        await connection.execute(_change(notification, row["notification_id"]).values(values))
    return len(rows)


async def _sealed_notice(
    connection: AsyncConnection, encryption: Encryption, row: Mapping[str, Any]
) -> dict[str, str]:
    channel, person_id, delivery_id = row["channel"], row["person_id"], row["delivery_id"]
    if person_id is not None:
        owner, place = KeyOwner.person(person_id), place_of(CONTACT_OF[channel], person_id)
    elif delivery_id is not None:
        owner = KeyOwner.delivery(delivery_id)
        place = Place("parcel", RECIPIENT_CONTACT_OF[channel], str(delivery_id))
    else:
        return {"address": ""}
    try:
        key = await encryption.keys.made_for(connection, owner)
    except KeyDestroyed:
        return {"address": ""}
    return {"address": key.seal(place, row["address"]), "address_owner": owner.kind}


async def _addresses(connection: AsyncConnection, encryption: Encryption) -> int:
    """Encrypt saved addresses."""
    plain = (
        select(saved_address)
        .where(saved_address.c.place.is_(None))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = [row._asdict() for row in (await connection.execute(plain)).all()]
    for row in rows:
        key = await encryption.keys.made_for(connection, KeyOwner.person(row["person_id"]))
        sealed = sealed_address(key, row["address_id"], row)
        change = update(saved_address).where(
            saved_address.c.person_id == row["person_id"],
            saved_address.c.address_id == row["address_id"],
        )
        await connection.execute(change.values(latitude=None, longitude=None, **sealed))
    return len(rows)


def _change(table: Table, row_id: str) -> Update:
    (key,) = table.primary_key
    return update(table).where(key == row_id)


_BATCHES: Mapping[str, Batch] = {
    "person": _people,
    "notification": _notices,
    "saved_address": _addresses,
    "dispute_message": seal_messages,
    "dispute_evidence": seal_evidence,
    "dispute_file": seal_pictures,
}
