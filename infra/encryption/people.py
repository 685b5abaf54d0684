"""What is kept about a person, encrypted with the person's own key, and where their messages go."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Label, literal_column

from domain.erasing.rules import FORMER_MEMBER
from infra.encryption.fields import OwnedKey, Place, is_sealed
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import KeyOwner, KeyRow, OwnedKeys, OwnerKind, columns_of, read_key_text

PERSON_KEY = "person_key"
"""Name of the column by which a statement reads a person's key along with the row."""
NOTICE_KEY = "notice_key"
"""Name of the column by which it reads the key of a message's address."""
SEALED_COLUMNS = ("display_name", "email", "phone")
"""What of the table `person` says who somebody is."""
CONTACT_OF = {"sms": "phone", "mail": "email"}
"""Which contact of a person each channel uses."""
RECIPIENT_CONTACT_OF = {"sms": "recipient_phone", "mail": "recipient_email"}
"""Which contact of a parcel's recipient each channel uses."""
_AS_TEXT = "concat_ws(':', key_id, wrapped_by, encode(wrapped, 'hex'))"

NEW_KEY = """keyed AS (
    INSERT INTO data_key (key_id, owner_kind, owner_id, wrapped_by, wrapped)
    VALUES (:key_id, :key_owner_kind, :key_owner_id, :key_wrapped_by, :key_wrapped)
)"""
"""The part of a statement that keeps the key of somebody new; `key_values` are its values."""


def person_key_sql(person_id: str) -> str:
    """Return the SQL that reads the key of the person whom another piece of SQL names."""
    return f"""(SELECT {_AS_TEXT} FROM data_key
        WHERE owner_kind = 'person' AND owner_id = CAST({person_id} AS text))"""  # noqa: S608 -- The part is a constant of ours.


_NOTICE_OWNER = """coalesce(notification.address_owner,
        CASE WHEN notification.delivery_id IS NULL THEN 'person' ELSE 'delivery' END)"""
NOTICE_KEY_SQL = f"""(SELECT {_AS_TEXT} FROM data_key
    WHERE owner_kind = {_NOTICE_OWNER}
        AND owner_id = CAST(CASE {_NOTICE_OWNER} WHEN 'person' THEN notification.person_id
            ELSE notification.delivery_id END AS text))"""  # noqa: S608 -- The same.
"""Reads the key with which the address of a message is encrypted."""


def person_key_column(person_id: str = "person.person_id") -> Label[Any]:
    """Return the column that reads a person's key along with a row."""
    return literal_column(person_key_sql(person_id)).label(PERSON_KEY)


def notice_key_column() -> Label[Any]:
    """Return the column that reads the key of a message's address along with the message."""
    return literal_column(NOTICE_KEY_SQL).label(NOTICE_KEY)


def key_values(row: KeyRow) -> dict[str, Any]:
    """Return the values of `NEW_KEY`."""
    return {f"key_{name.removeprefix('key_')}": value for name, value in columns_of(row).items()}


def place_of(column: str, person_id: str) -> Place:
    """Return where something about a person lies.

    What a person wants to be known by or reached at, and has not proved yet, is encrypted for this
    place from the start: a statement then moves it there, and nothing else can be made of it.
    """
    return Place("person", column, str(person_id))


def sealed_person(key: OwnedKey, person_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return columns of a person as the database keeps them."""
    sealed = {
        name: key.seal_maybe(place_of(name, person_id), values[name])
        for name in SEALED_COLUMNS
        if name in values
    }
    return {**values, **sealed}


async def opened_person(keys: OwnedKeys, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with what is sealed in it; in the place of the key's text is the key, or none.

    A row that reads no person's key stays as it is. Who was erased has neither name nor contact.

    Raises:
        NotAuthentic: a column was changed, or moved here from somebody else.
        KeyUnknown: the key ring lacks the key-encryption key.
    """
    opened = dict(row)
    if PERSON_KEY not in opened:
        return opened
    person_id = str(opened["person_id"])
    key = await _key_of(keys, opened[PERSON_KEY], KeyOwner.person(person_id))
    opened[PERSON_KEY] = key
    for name in SEALED_COLUMNS:
        if is_sealed(str(opened.get(name) or "")):
            opened[name] = (
                key.open(place_of(name, person_id), opened[name])
                if key is not None
                else _ERASED.get(name)
            )
    return opened


async def opened_address(keys: OwnedKeys, row: Mapping[str, Any]) -> str:
    """Return where a message goes; nothing when it was for somebody who was erased.

    The row is one of `notification`, with the column `NOTICE_KEY`. An address is the encrypted
    contact of a person, or of a parcel's recipient, as it was when the message was written.

    Raises:
        NotAuthentic: it was changed, or moved here from somebody else's message.
        KeyUnknown: the key ring lacks the key-encryption key.
    """
    address, channel = str(row["address"]), row["channel"]
    if not is_sealed(address):
        return address
    owner = row["address_owner"] or (OwnerKind.DELIVERY if row["delivery_id"] else OwnerKind.PERSON)
    if owner == OwnerKind.PERSON:
        key = await _key_of(keys, row[NOTICE_KEY], KeyOwner.person(row["person_id"]))
        place = place_of(CONTACT_OF[channel], row["person_id"])
    else:
        key = await _key_of(keys, row[NOTICE_KEY], KeyOwner.delivery(row["delivery_id"]))
        place = Place("parcel", RECIPIENT_CONTACT_OF[channel], str(row["delivery_id"]))
    return "" if key is None else key.open(place, address)


_ERASED = {"display_name": FORMER_MEMBER}


async def _key_of(keys: OwnedKeys, kept: str | None, owner: KeyOwner) -> OwnedKey | None:
    try:
        return await keys.opened(read_key_text(kept, owner))
    except KeyDestroyed:
        return None
