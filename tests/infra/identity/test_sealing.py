"""Secrets of authenticator apps say nothing without the key of their person."""

from __future__ import annotations

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.encryption.keys import KeyDestroyed, NotAuthentic
from infra.encryption.owned import KeyOwner, shred
from infra.identity.sealing import Seal
from tests.conftest import MakePerson
from tests.keys import ENCRYPTION


async def test_a_sealed_secret_opens_for_its_person_until_they_are_erased(
    engine: AsyncEngine, make_person: MakePerson
) -> None:
    seal = Seal(engine, ENCRYPTION.keys)
    ada, eve = await make_person("customer"), await make_person("customer")
    sealed = await seal.close(ada, "SECRET")
    assert "SECRET" not in sealed
    assert await seal.open(ada, sealed) == "SECRET"
    await seal.close(eve, "ANOTHER")
    with pytest.raises(NotAuthentic):
        await seal.open(eve, sealed)
    async with engine.begin() as connection:
        await shred(connection, KeyOwner.person(ada))
    with pytest.raises(KeyDestroyed):
        await seal.open(ada, sealed)
