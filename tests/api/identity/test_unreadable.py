"""While a key is missing or somebody has moved a ciphertext, requests end with a clear refusal."""

from __future__ import annotations

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import data_key, person
from tests.api.client import code_of
from tests.api.identity.people import Newcomers


async def test_a_missing_key_is_an_outage_that_ends_when_it_is_back(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await newcomers.signed_in()
    hers = data_key.c.owner_id == ada.person_id
    async with engine.begin() as connection:
        ring_id = await connection.scalar(select(data_key.c.wrapped_by).where(hers))
        # What was read before is remembered under what is stored: another one is unwrapped anew.
        wrapped = (await connection.execute(select(data_key.c.wrapped).where(hers))).scalar_one()
        gone = {"wrapped_by": "k9", "wrapped": wrapped[:-1] + bytes([wrapped[-1] ^ 1])}
        await connection.execute(update(data_key).where(hers).values(gone))
    answer = await ada.get("/v1/me")
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")
    assert answer.headers["retry-after"] == "60"
    for said in (ada.email, ada.person_id, "k9"):
        assert said not in answer.text
    async with engine.begin() as connection:
        back = {"wrapped_by": ring_id, "wrapped": wrapped}
        await connection.execute(update(data_key).where(hers).values(back))
    assert (await ada.get("/v1/me")).json()["email"] == ada.email


async def test_the_address_of_somebody_else_is_never_shown(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada, eve = await newcomers.signed_in(), await newcomers.signed_in()
    async with engine.begin() as connection:
        hers = select(person.c.email).where(person.c.person_id == ada.person_id).scalar_subquery()
        taken = update(person).where(person.c.person_id == eve.person_id).values(email=hers)
        await connection.execute(taken)
    answer = await eve.get("/v1/me")
    assert (answer.status_code, code_of(answer)) == (503, "unavailable")
    assert ada.email not in answer.text
