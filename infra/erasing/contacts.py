"""What a person is found by in rows that name them by a contact only."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import PersonId
from infra.encryption.fields import is_sealed
from infra.encryption.indexes import BlindIndex, contact_lookups

_PERSON = text("""
SELECT email, phone, email_lookup, phone_lookup FROM person
WHERE person_id = CAST(:person AS uuid)
""")


@dataclass(frozen=True, slots=True)
class Lookups:
    """The blind indexes of a person's contacts; both were proved when they came to the account."""

    email_lookup: str | None
    phone_lookup: str | None

    def values(self) -> dict[str, Any]:
        """Return what statements call them."""
        return asdict(self)


async def lookups_of(
    connection: AsyncConnection, index: BlindIndex, person_id: PersonId
) -> Lookups:
    """Return under what a person's contacts are found; nothing once they are erased."""
    row = (await connection.execute(_PERSON, {"person": person_id})).one()
    kept = {"email_lookup": row.email_lookup, "phone_lookup": row.phone_lookup}
    # Contacts that are still in clear have no index yet.
    plain = [None if is_sealed(each or "") else each for each in (row.email, row.phone)]
    found = contact_lookups(index, *plain)
    return Lookups(**{name: kept[name] or found[name] for name in kept})
