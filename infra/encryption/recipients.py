"""Finds the parcels whose recipient somebody named by a contact only, although contacts are encrypted."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from infra.database.schema import parcel
from infra.encryption.batches import in_batches
from infra.encryption.indexes import IndexPurpose
from infra.encryption.keys import NotAuthentic
from infra.encryption.parcels import ERASED, key_column, opened_parcel
from infra.encryption.parts import Encryption

PURPOSE_OF = {"recipient_email": IndexPurpose.EMAIL, "recipient_phone": IndexPurpose.PHONE}
"""Which blind index each contact of a recipient has; its column has `_lookup` behind the name."""
BATCH = 200
"""Rows that are indexed in one transaction."""
UNREADABLE = "-"
"""Index of a contact that is empty, or that nobody can read any more: it is looked at once, and finds
nobody."""


def recipient_lookups(encryption: Encryption, values: Mapping[str, Any]) -> dict[str, str | None]:
    """Return the columns under which a parcel's recipient is found, from the contacts in clear."""
    found = {
        name: encryption.index.of_maybe(purpose, values.get(name))
        for name, purpose in PURPOSE_OF.items()
    }
    return {
        f"{name}_lookup": None if value is None else value.hex() for name, value in found.items()
    }


async def index_recipients(engine: AsyncEngine, encryption: Encryption) -> int:
    """Index the contacts of parcels that were written before there was an index; return their number.

    Idempotency: each batch is one transaction, and what is indexed is left alone.
    """
    return await in_batches(engine, _index_batch, encryption)


async def _index_batch(connection: AsyncConnection, encryption: Encryption) -> int:
    missing = [
        and_(parcel.c[name].is_not(None), parcel.c[f"{name}_lookup"].is_(None))
        for name in PURPOSE_OF
    ]
    older = (
        select(parcel.c.delivery_id, *(parcel.c[name] for name in PURPOSE_OF), key_column())
        .where(or_(*missing))
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=parcel)
    )
    rows = (await connection.execute(older)).all()
    for row in rows:
        lookups = await _lookups_of(encryption, row._asdict())
        place = parcel.c.delivery_id == row.delivery_id
        await connection.execute(update(parcel).where(place).values(lookups))
    return len(rows)


async def _lookups_of(encryption: Encryption, row: Mapping[str, Any]) -> dict[str, str | None]:
    try:
        contacts = await opened_parcel(encryption.keys, row)
    except NotAuthentic:
        # Somebody changed it: that is for whoever reads the parcel to find, not for a worker's start.
        contacts = dict.fromkeys(PURPOSE_OF, ERASED)
    lookups = recipient_lookups(encryption, contacts)
    # An empty contact has no index either; left without one, it would be looked at for ever.
    lost = {f"{name}_lookup": UNREADABLE for name in PURPOSE_OF if contacts[name] in (ERASED, "")}
    return {**lookups, **lost}
