"""Signing in, staying signed in by tokens that work once, and signing out everywhere at once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import account, refresh_token, session, throttle
from infra.database.tokens import token_hash
from tests.api.client import code_of
from tests.api.identity.people import PASSWORD, Newcomers, SignedIn, new_address
from tests.api.story import NEW_DELIVERY

PATH = "/v1/deliveries"
AGENT = "Mozilla/5.0 (X11; Linux x86_64; rv:150.0) Gecko/20100101 Firefox/150.0"


async def row_of(engine: AsyncEngine, ada: SignedIn) -> dict[str, object]:
    query = select(session).where(session.c.session_id == ada.session_id)
    async with engine.connect() as connection:
        return (await connection.execute(query)).one()._asdict()


async def let_pass(engine: AsyncEngine, token: str, seconds: int) -> None:
    """Move the moment at which a refresh token was spent into the past."""
    async with engine.begin() as connection:
        await connection.execute(
            update(refresh_token)
            .where(refresh_token.c.token_hash == token_hash(token))
            .values(spent_at=refresh_token.c.spent_at - timedelta(seconds=seconds))
        )


async def test_signing_in_opens_a_session_that_knows_its_device(
    newcomers: Newcomers, web: httpx.AsyncClient, engine: AsyncEngine
) -> None:
    email = await newcomers.registered()
    body = {"email": email, "password": PASSWORD, "device_name": "Ada's phone"}
    answer = await web.post("/v1/auth/sign-in", json=body, headers={"User-Agent": AGENT})
    said = answer.json()
    assert (said["status"], said["token_type"], said["expires_in"]) == ("signed_in", "Bearer", 900)
    assert answer.headers["cache-control"] == "no-store"
    ada = newcomers.somebody(email, answer)
    row = await row_of(engine, ada)
    assert (row["device_name"], row["user_agent_family"]) == ("Ada's phone", "Firefox")
    assert row["authenticated_by"] == ["pwd"]
    assert (await ada.get(PATH)).status_code == 200


async def test_wrong_passwords_make_everybody_wait_whether_they_have_an_account_or_not(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    known, unknown = await newcomers.registered(), new_address()
    for email in (known, unknown):
        answers = [await newcomers.sign_in(email, f"wrong password {n}") for n in range(6)]
        assert [code_of(answer) for answer in answers] == ["sign_in_failed"] * 5 + [
            "too_many_tries"
        ]
        assert 25 <= int(answers[-1].headers["retry-after"]) <= 30
        assert code_of(await newcomers.sign_in(email)) == "too_many_tries", "nor the right one"
    async with engine.begin() as connection:
        # The wait is over for everybody.
        await connection.execute(update(throttle).values(blocked_until=func.now()))
    assert (await newcomers.sign_in(known)).status_code == 200
    assert code_of(await newcomers.sign_in(unknown)) == "sign_in_failed"
    assert code_of(await newcomers.sign_in(known, "wrong again")) == "sign_in_failed", "forgiven"


async def test_a_hash_of_yesterday_s_parameters_is_renewed(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    from argon2 import PasswordHasher  # noqa: PLC0415 -- Nothing else here needs it.

    email = await newcomers.registered()
    ada = await newcomers.signed_in(email)
    mine = account.c.person_id == ada.person_id
    async with engine.begin() as connection:
        older = PasswordHasher(2, 32, 1).hash(PASSWORD)
        await connection.execute(update(account).where(mine).values(password_hash=older))
    assert (await newcomers.sign_in(email)).status_code == 200
    async with engine.connect() as connection:
        kept = await connection.scalar(select(account.c.password_hash).where(mine))
    assert str(kept).startswith("$argon2id$v=19$m=64,t=1,p=1$")
    assert (await newcomers.sign_in(email)).status_code == 200


async def test_a_refresh_token_is_exchanged_for_the_next_one(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    later = newcomers.somebody(ada.email, await newcomers.refresh(ada.refresh_token))
    assert later.session_id == ada.session_id
    assert later.refresh_token != ada.refresh_token
    assert (await later.get(PATH)).status_code == 200
    last = await newcomers.refresh(later.refresh_token)
    assert last.status_code == 200


async def test_a_lost_answer_is_given_again_for_seconds(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await newcomers.signed_in()
    first = (await newcomers.refresh(ada.refresh_token)).json()
    await let_pass(engine, ada.refresh_token, 5)
    again = (await newcomers.refresh(ada.refresh_token)).json()
    assert again["refresh_token"] == first["refresh_token"], "the family has one living branch"
    assert (await newcomers.refresh(first["refresh_token"])).status_code == 200


async def test_a_spent_token_that_comes_back_later_ends_the_session_everywhere(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await newcomers.signed_in()
    thief = newcomers.somebody(ada.email, await newcomers.refresh(ada.refresh_token))
    await let_pass(engine, ada.refresh_token, 11)
    assert code_of(await newcomers.refresh(ada.refresh_token)) == "refresh_token_refused"
    assert code_of(await newcomers.refresh(thief.refresh_token)) == "refresh_token_refused"
    for somebody in (ada, thief):
        assert code_of(await somebody.get(PATH)) == "unauthenticated"
        assert code_of(await somebody.post(PATH, NEW_DELIVERY)) == "unauthenticated"
    assert (await row_of(engine, ada))["revoked_because"] == "refresh_token_reused"
    assert (await newcomers.told(ada.email))[-1] == "account_session_stolen"
    assert await newcomers.noted(ada.session_id) == [("access_revoked", "refresh_token_reused")]


async def test_a_grandparent_ends_the_session_however_soon_it_comes(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    parent = (await newcomers.refresh(ada.refresh_token)).json()["refresh_token"]
    child = (await newcomers.refresh(parent)).json()["refresh_token"]
    assert code_of(await newcomers.refresh(ada.refresh_token)) == "refresh_token_refused"
    assert code_of(await newcomers.refresh(child)) == "refresh_token_refused"


async def test_fifty_exchanges_of_one_token_at_once_make_one_successor(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await newcomers.signed_in()
    answers = await asyncio.gather(*(newcomers.refresh(ada.refresh_token) for _ in range(50)))
    assert {answer.status_code for answer in answers} == {200}
    (successor,) = {answer.json()["refresh_token"] for answer in answers}
    mine = refresh_token.c.session_id == ada.session_id
    async with engine.connect() as connection:
        rows = await connection.scalar(select(func.count()).where(mine))
    assert rows == 2, "one was spent once"
    assert (await newcomers.refresh(successor)).status_code == 200


@pytest.mark.parametrize("column", ["session.expires_at", "refresh_token.expires_at"])
async def test_a_session_ends_by_itself_unused_and_used(
    newcomers: Newcomers, engine: AsyncEngine, column: str
) -> None:
    ada = await newcomers.signed_in()
    table = session if column.startswith("session") else refresh_token
    async with engine.begin() as connection:
        await connection.execute(
            update(table).where(table.c.session_id == ada.session_id).values(expires_at=func.now())
        )
    assert code_of(await newcomers.refresh(ada.refresh_token)) == "refresh_token_refused"


async def test_signing_out_ends_the_session_at_once_and_says_nothing_of_other_tokens(
    newcomers: Newcomers,
) -> None:
    ada, elsewhere = await newcomers.signed_in(), await newcomers.signed_in()
    for token in (ada.refresh_token, ada.refresh_token, "sr_" + "x" * 43):
        answer = await newcomers.web.post("/v1/auth/sign-out", json={"refresh_token": token})
        assert (answer.status_code, answer.json()) == (200, {"status": "accepted"})
    assert code_of(await ada.get(PATH)) == "unauthenticated"
    assert code_of(await newcomers.refresh(ada.refresh_token)) == "refresh_token_refused"
    assert (await elsewhere.get(PATH)).status_code == 200


async def test_the_session_used_least_lately_ends_for_one_too_many(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    email = await newcomers.registered()
    first = await newcomers.signed_in(email)
    others = [await newcomers.signed_in(email) for _ in range(20)]
    assert (await row_of(engine, first))["revoked_because"] == "too_many"
    assert code_of(await first.get(PATH)) == "unauthenticated"
    assert (await others[0].get(PATH)).status_code == 200


async def test_tokens_spent_long_ago_are_forgotten(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await newcomers.signed_in()
    mine = refresh_token.c.session_id == ada.session_id
    token = (await newcomers.refresh(ada.refresh_token)).json()["refresh_token"]
    async with engine.begin() as connection:
        later = refresh_token.c.token_hash == token_hash(token)
        await connection.execute(update(refresh_token).where(later).values(sequence=300))
    assert (await newcomers.refresh(token)).status_code == 200
    assert code_of(await newcomers.refresh(ada.refresh_token)) == "refresh_token_refused"
    async with engine.connect() as connection:
        kept = await connection.scalars(select(refresh_token.c.sequence).where(mine))
    assert sorted(kept) == [300, 301]
