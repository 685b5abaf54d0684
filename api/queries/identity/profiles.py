"""What people change about themselves: profile, privacy, saved addresses."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import bindparam, delete, func, select, text, update

from api.access.database import Database, Row
from api.queries.identity.holders import Holder
from infra.database.schema import account, person, saved_address
from infra.encryption.addresses import opened_address_of, sealed_address
from infra.encryption.people import place_of

_HOLDER = bindparam("holder_id", type_=person.c.person_id.type)

_CHANGE_PROFILE = text("""
UPDATE person SET
    display_name = coalesce(CAST(:display_name AS text), display_name),
    roles = CASE WHEN CAST(:own_roles AS text[]) IS NULL THEN roles ELSE ARRAY(
        SELECT DISTINCT role FROM unnest(
            array_remove(array_remove(roles, 'customer'), 'traveler') || CAST(:own_roles AS text[])
        ) AS role ORDER BY role) END
WHERE person_id = CAST(:holder_id AS uuid)
""")

_CHANGE_PRIVACY = (
    update(account)
    .where(account.c.person_id == _HOLDER)
    .values(
        name_shown=bindparam("shown", type_=account.c.name_shown.type),
        shares_position=bindparam("shares", type_=account.c.shares_position.type),
        updated_at=func.now(),
    )
)

_ADDRESSES = select(saved_address).where(saved_address.c.person_id == _HOLDER)

_SAVE_ADDRESS = text("""
INSERT INTO saved_address (person_id, address_id, label, address, place)
SELECT :holder_id, :address_id, :label, :address, :place
WHERE :addresses_max > (SELECT count(*) FROM saved_address WHERE person_id = CAST(:holder_id AS uuid))
    OR EXISTS (SELECT FROM saved_address
        WHERE person_id = CAST(:holder_id AS uuid) AND address_id = CAST(:address_id AS uuid))
ON CONFLICT (person_id, address_id) DO UPDATE SET label = excluded.label,
    address = excluded.address, place = excluded.place, latitude = NULL, longitude = NULL
RETURNING address_id
""")

_FORGET_ADDRESS = (
    delete(saved_address)
    .where(
        saved_address.c.person_id == _HOLDER,
        saved_address.c.address_id == bindparam("named_id", type_=saved_address.c.address_id.type),
    )
    .returning(saved_address)
)


async def change_profile(
    database: Database, holder: Holder, display_name: str | None, roles: Sequence[str] | None
) -> None:
    """Change what a person goes by and what they do here; what is none stays.

    Roles of staff are neither given nor taken here.
    """
    sealed = None
    if display_name is not None:
        key = await database.key_of_person(holder.person_id, holder.person_key)
        sealed = key.seal(place_of("display_name", holder.person_id), display_name)
    values: dict[str, Any] = {
        "holder_id": holder.person_id,
        "display_name": sealed,
        "own_roles": None if roles is None else list(roles),
    }
    await database.run(_CHANGE_PROFILE, values)


async def change_privacy(
    database: Database, person_id: str, name_shown: str, *, shares_position: bool
) -> None:
    """Change how a person is seen by others."""
    values = {"holder_id": person_id, "shown": name_shown, "shares": shares_position}
    await database.run(_CHANGE_PRIVACY, values)


async def addresses_of(database: Database, holder: Holder) -> list[Row]:
    """Return every saved address of a person by its label; a policy bounds how many there are."""
    rows = await database.every(_ADDRESSES, {"holder_id": holder.person_id})
    opened = [opened_address_of(holder.person_key, row) for row in rows]
    return sorted(opened, key=lambda row: (row["label"], row["address_id"]))


async def save_address(
    database: Database, holder: Holder, address_id: str, address: Row, addresses_max: int
) -> Row | None:
    """Save an address under an id, or in place of the one that has it; none when there are too many.

    Idempotency: the same id is the same address.
    """
    key = await database.key_of_person(holder.person_id, holder.person_key)
    values = {
        **sealed_address(key, address_id, address),
        "holder_id": holder.person_id,
        "address_id": address_id,
        "addresses_max": addresses_max,
    }
    saved = await database.first(_SAVE_ADDRESS, values)
    return None if saved is None else {**address, "address_id": address_id}


async def forget_address(database: Database, holder: Holder, address_id: str) -> Row | None:
    """Forget an address and return what it was; none when the person has no such one."""
    values = {"holder_id": holder.person_id, "named_id": address_id}
    row = await database.first(_FORGET_ADDRESS, values)
    return None if row is None else opened_address_of(holder.person_key, row)
