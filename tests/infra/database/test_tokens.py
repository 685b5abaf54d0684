"""The database never holds a token that could be used."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import access_token
from infra.database.tokens import (
    create_person,
    create_token,
    revoke_token,
    revoke_tokens,
    token_hash,
)
from tests.keys import ENCRYPTION
from tests.opened import person_of


async def test_a_person_keeps_roles_and_contacts(engine: AsyncEngine) -> None:
    person_id = await create_person(
        engine,
        ENCRYPTION,
        display_name="Tom",
        roles=("traveler", "customer", "traveler"),
        phone="+34600000003",
        payout_account="acct_sandbox_tom",
    )
    row = await person_of(engine, person_id)
    assert row["roles"] == ["customer", "traveler"]
    assert (row["phone"], row["email"]) == ("+34600000003", None)
    assert row["payout_account"] == "acct_sandbox_tom"


async def test_only_the_hash_of_a_token_is_kept(engine: AsyncEngine) -> None:
    person_id = await create_person(engine, ENCRYPTION, display_name="Tom", roles=("traveler",))
    token = await create_token(engine, person_id, timedelta(hours=1))
    other = await create_token(engine, person_id)
    assert token != other
    query = select(access_token).where(access_token.c.person_id == person_id)
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    assert {bytes(row.token_hash) for row in rows} == {token_hash(token), token_hash(other)}
    assert token not in str(rows)
    assert all(row.expires_at > row.created_at for row in rows)


async def test_a_token_is_revoked_once(engine: AsyncEngine) -> None:
    person_id = await create_person(engine, ENCRYPTION, display_name="Tom", roles=("traveler",))
    token = await create_token(engine, person_id)
    first = await revoke_token(engine, token)
    assert first is not None
    assert await revoke_token(engine, token) == first
    assert await revoke_token(engine, "sa_never_made") is None


async def test_every_token_of_a_person_is_revoked_and_nobody_elses(engine: AsyncEngine) -> None:
    person_id = await create_person(engine, ENCRYPTION, display_name="Tom", roles=("traveler",))
    other_id = await create_person(engine, ENCRYPTION, display_name="Ada", roles=("customer",))
    early = await create_token(engine, person_id)
    first = await revoke_token(engine, early)
    await create_token(engine, person_id)
    await create_token(engine, person_id)
    await create_token(engine, other_id)
    assert await revoke_tokens(engine, person_id) == 2
    assert await revoke_tokens(engine, person_id) == 0
    assert await revoke_token(engine, early) == first
    assert await revoke_tokens(engine, other_id) == 1


def test_any_text_can_be_looked_up() -> None:
    assert token_hash("\ud800") != token_hash("")
