"""Saved addresses say nothing as they lie there: neither the words nor the place."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import saved_address
from infra.encryption.addresses import ERASED, opened_address_of, sealed_address
from infra.encryption.fields import OwnedKey
from infra.encryption.keys import NotAuthentic
from infra.encryption.older import seal_older
from infra.encryption.owned import KeyOwner
from infra.identifiers import new_id
from tests.conftest import MakePerson
from tests.infra.erasing.planting import Planted
from tests.keys import ENCRYPTION

KEY = OwnedKey(new_id(), b"k" * 32)
HOME = {"label": "Home", "address": "Gran Via 1", "latitude": 40.42, "longitude": -3.705}


def kept(address_id: str, **changes: Any) -> dict[str, Any]:
    return {"address_id": address_id, **sealed_address(KEY, address_id, {**HOME, **changes})}


def test_what_is_kept_says_nothing_and_reads_as_it_was() -> None:
    row = kept("1")
    for said in ("Home", "Gran Via", "40.42", "3.705"):
        assert said not in str(row)
    assert opened_address_of(KEY, row) == {"address_id": "1", **HOME}
    assert opened_address_of(None, row)["address"] == ERASED


@pytest.mark.parametrize("column", ["label", "address", "place"])
def test_a_column_of_another_address_is_refused(column: str) -> None:
    with pytest.raises(NotAuthentic):
        opened_address_of(KEY, {**kept("1"), column: kept("2")[column]})


async def test_addresses_of_old_are_encrypted_once(
    engine: AsyncEngine, make_person: MakePerson
) -> None:
    planted, person_id, address_id = Planted(), await make_person("customer"), new_id()
    plain = {**HOME, "label": planted.words("Home"), "address": planted.words("Gran Via 1")}
    row = {"person_id": person_id, "address_id": address_id, **plain}
    async with engine.begin() as connection:
        await connection.execute(insert(saved_address).values(row))
    assert (await seal_older(engine, ENCRYPTION))["saved_address"] >= 1
    assert (await seal_older(engine, ENCRYPTION))["saved_address"] == 0
    assert await planted.found_in(engine) == set()
    async with engine.connect() as connection:
        mine = saved_address.c.person_id == person_id
        found = (await connection.execute(select(saved_address).where(mine))).one()._asdict()
        key = await ENCRYPTION.keys.of(connection, KeyOwner.person(person_id))
    assert (found["latitude"], found["longitude"]) == (None, None)
    read = opened_address_of(key, found)
    assert {name: read[name] for name in plain} == plain
