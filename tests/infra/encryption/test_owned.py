"""Keys of people and deliveries: made once, kept wrapped, destroyed for good."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import data_key
from infra.encryption.fields import OwnedKey, Place
from infra.encryption.keys import KeyDestroyed, NotAuthentic
from infra.encryption.owned import KeyOwner, OwnedKeys, find_key, read_row, shred
from infra.encryption.rings import HeldKeys
from infra.identifiers import new_id
from tests.keys import RING

HERE = Place("person", "email", new_id())


@pytest.fixture
def keys() -> OwnedKeys:
    return OwnedKeys(HeldKeys(RING))


@pytest.fixture
def owner() -> KeyOwner:
    return KeyOwner.person(new_id())


async def test_an_owner_has_one_key_whoever_makes_it(
    engine: AsyncEngine, keys: OwnedKeys, owner: KeyOwner
) -> None:
    async def make() -> OwnedKey:
        async with engine.begin() as connection:
            return await keys.made_for(connection, owner)

    first, second = await asyncio.gather(make(), make())
    assert first == second
    async with engine.connect() as connection:
        elsewhere = await OwnedKeys(HeldKeys(RING)).of(connection, owner)
        row = await find_key(connection, owner)
    assert elsewhere == first
    assert row is not None
    assert row.wrapped is not None
    assert first.key not in row.wrapped.sealed


async def test_a_key_that_was_destroyed_reads_nothing_and_is_never_made_again(
    engine: AsyncEngine, keys: OwnedKeys, owner: KeyOwner
) -> None:
    async with engine.begin() as connection:
        sealed = (await keys.made_for(connection, owner)).seal(HERE, "ada@example.org")
        assert await shred(connection, owner) == 1
        assert await shred(connection, owner) == 0
    assert sealed
    async with engine.begin() as connection:
        for use in (keys.of, keys.made_for):
            with pytest.raises(KeyDestroyed, match=owner.owner_id):
                await use(connection, owner)
        found = (
            await connection.execute(select(data_key).where(data_key.c.owner_id == owner.owner_id))
        ).one()
    assert (found.wrapped, found.wrapped_by) == (None, None)
    assert found.destroyed_at is not None


async def test_an_owner_that_never_had_a_key_gets_none_after_erasure(
    engine: AsyncEngine, keys: OwnedKeys, owner: KeyOwner
) -> None:
    async with engine.begin() as connection:
        with pytest.raises(KeyDestroyed, match="there is no key"):
            await keys.of(connection, owner)
        assert await shred(connection, owner) == 0
        with pytest.raises(KeyDestroyed, match="was destroyed"):
            await keys.made_for(connection, owner)


async def test_a_wrapped_key_given_to_another_owner_is_refused(
    engine: AsyncEngine, keys: OwnedKeys, owner: KeyOwner
) -> None:
    async with engine.begin() as connection:
        await keys.made_for(connection, owner)
        mine = data_key.c.owner_id == owner.owner_id
        stolen = (await connection.execute(select(data_key).where(mine))).one()
    moved = {**stolen._mapping, "owner_id": new_id()}
    forged = read_row(type("Row", (), moved))
    with pytest.raises(NotAuthentic):
        await OwnedKeys(HeldKeys(RING)).opened(forged)
