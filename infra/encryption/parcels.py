"""What a parcel's row says about people and doors, encrypted with the key of its delivery."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Label, Text, cast, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from infra.database.schema import data_key, parcel
from infra.encryption.batches import in_batches
from infra.encryption.fields import SEALED_PREFIX, OwnedKey, Place, is_sealed
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import KeyOwner, OwnedKeys, OwnerKind, read_key_text

PARCEL_KEY = "parcel_key"
"""Name of the column by which a statement reads the key along with the row."""
SEALED_COLUMNS = (
    "recipient_name",
    "recipient_phone",
    "recipient_email",
    "pickup_address",
    "destination_address",
    "description",
)
_NEVER_EMPTY = ("recipient_name", "description")
"""Both are encrypted, or the parcel is one of before."""
ERASED = "[erased]"
"""What stands in the place of a text that was erased."""
BATCH = 200
"""Rows that are encrypted in one transaction."""


def sealed_parcel(key: OwnedKey, delivery_id: str, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the columns of a parcel as the database keeps them."""
    sealed = {
        name: key.seal_maybe(Place("parcel", name, delivery_id), values[name])
        for name in SEALED_COLUMNS
        if name in values
    }
    return {**values, **sealed}


def key_column() -> Label[Any]:
    """Return the column that reads the key of the parcel of each row; none where it has no key."""
    return (
        select(key_text(data_key.c.key_id, data_key.c.wrapped_by, data_key.c.wrapped))
        .where(
            data_key.c.owner_kind == OwnerKind.DELIVERY,
            data_key.c.owner_id == cast(parcel.c.delivery_id, Text),
        )
        .correlate(parcel)
        .scalar_subquery()
        .label(PARCEL_KEY)
    )


def key_text(key_id: Any, wrapped_by: Any, wrapped: Any) -> Any:
    """Return the expression of a key as one text: parts without a value are left out."""
    return func.concat_ws(":", cast(key_id, Text), wrapped_by, func.encode(wrapped, "hex"))


async def opened_parcel(keys: OwnedKeys, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row with what is sealed in it; a row that reads no parcel's key stays as it is.

    Raises:
        NotAuthentic: a column was changed, or moved here from another delivery.
    """
    opened = dict(row)
    if PARCEL_KEY not in opened:
        return opened
    kept = opened.pop(PARCEL_KEY)
    sealed = [name for name in SEALED_COLUMNS if is_sealed(str(opened.get(name) or ""))]
    if not sealed:
        return opened
    delivery_id = str(opened["delivery_id"])
    try:
        key = await keys.opened(read_key_text(kept, KeyOwner.delivery(delivery_id)))
    except KeyDestroyed:
        return {**opened, **dict.fromkeys(sealed, ERASED)}
    for name in sealed:
        opened[name] = key.open(Place("parcel", name, delivery_id), opened[name])
    return opened


async def seal_parcels(engine: AsyncEngine, keys: OwnedKeys) -> int:
    """Encrypt what parcels say that were written before there was encryption; return their number.

    Idempotency: each batch is one transaction, and what is encrypted is left alone.
    """
    return await in_batches(engine, _seal_batch, keys)


async def _seal_batch(connection: AsyncConnection, keys: OwnedKeys) -> int:
    plain = (
        select(parcel.c.delivery_id, *(parcel.c[name] for name in SEALED_COLUMNS))
        .where(or_(*(parcel.c[name].not_like(f"{SEALED_PREFIX}%") for name in _NEVER_EMPTY)))
        .limit(BATCH)
        .with_for_update(skip_locked=True)
    )
    rows = (await connection.execute(plain)).all()
    for row in rows:
        delivery_id = row.delivery_id
        try:
            key = await keys.made_for(connection, KeyOwner.delivery(delivery_id))
            values = {
                name: value if is_sealed(value or "") else _sealed(key, delivery_id, name, value)
                for name, value in row._asdict().items()
                if name in SEALED_COLUMNS
            }
        except KeyDestroyed:
            values = dict.fromkeys(SEALED_COLUMNS, f"{SEALED_PREFIX}")
        await connection.execute(
            update(parcel).where(parcel.c.delivery_id == delivery_id).values(values)
        )
    return len(rows)


def _sealed(key: OwnedKey, delivery_id: str, name: str, value: str | None) -> str | None:
    return key.seal_maybe(Place("parcel", name, delivery_id), value)
