"""What a parcel says about people is encrypted in its row, and gone when its key is."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import parcel
from infra.encryption.keys import NotAuthentic
from infra.encryption.owned import KeyOwner, shred
from infra.encryption.parcels import (
    ERASED,
    SEALED_COLUMNS,
    key_column,
    opened_parcel,
    seal_parcels,
)
from infra.encryption.recipients import index_recipients
from tests.conftest import PARCEL, MakeParcel
from tests.keys import ENCRYPTION


async def rows_of(engine: AsyncEngine, delivery_id: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a parcel as it is kept and as it is read."""
    query = select(parcel, key_column()).where(parcel.c.delivery_id == delivery_id)
    async with engine.connect() as connection:
        kept = (await connection.execute(query)).one()._asdict()
    return kept, await opened_parcel(ENCRYPTION.keys, kept)


async def test_older_parcels_are_encrypted_once_and_read_as_before(
    engine: AsyncEngine, make_parcel: MakeParcel
) -> None:
    delivery_id = await make_parcel()
    assert (await rows_of(engine, delivery_id))[1]["recipient_phone"] == PARCEL["recipient_phone"]
    assert await seal_parcels(engine, ENCRYPTION.keys) > 0
    assert await seal_parcels(engine, ENCRYPTION.keys) == 0
    kept, read = await rows_of(engine, delivery_id)
    for name in SEALED_COLUMNS:
        assert read[name] == PARCEL[name]
        assert kept[name] is None or PARCEL[name] not in kept[name]


async def test_a_contact_that_was_moved_to_another_parcel_is_refused(
    engine: AsyncEngine, make_parcel: MakeParcel
) -> None:
    one, other = await make_parcel(), await make_parcel()
    await seal_parcels(engine, ENCRYPTION.keys)
    kept, _read = await rows_of(engine, one)
    stolen, _read = await rows_of(engine, other)
    with pytest.raises(NotAuthentic):
        await opened_parcel(ENCRYPTION.keys, {**kept, "recipient_phone": stolen["recipient_phone"]})
    with pytest.raises(NotAuthentic):
        await opened_parcel(ENCRYPTION.keys, {**stolen, "delivery_id": one})


async def test_without_its_key_a_parcel_names_nobody(
    engine: AsyncEngine, make_parcel: MakeParcel
) -> None:
    delivery_id = await make_parcel()
    await seal_parcels(engine, ENCRYPTION.keys)
    async with engine.begin() as connection:
        assert await shred(connection, KeyOwner.delivery(delivery_id)) == 1
    _kept, read = await rows_of(engine, delivery_id)
    assert {read[name] for name in SEALED_COLUMNS if read[name] is not None} == {ERASED}


async def test_an_empty_contact_of_old_keeps_no_worker_from_starting(
    engine: AsyncEngine, make_parcel: MakeParcel
) -> None:
    delivery_id = await make_parcel(recipient_email="")
    await seal_parcels(engine, ENCRYPTION.keys)
    async with asyncio.timeout(20):
        await index_recipients(engine, ENCRYPTION)
        assert await index_recipients(engine, ENCRYPTION) == 0
    assert (await rows_of(engine, delivery_id))[1]["recipient_email"] == ""
