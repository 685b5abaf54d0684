"""A password alone opens no session of somebody with a second factor, and no powers of staff."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pyotp
import pytest
from sqlalchemy import select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.factors import FACTORS
from infra.database.schema import factor_tries, person, pre_auth_token, session
from tests.api.client import Person, code_of
from tests.api.identity.factors import next_code, set_up
from tests.api.identity.people import Newcomers
from tests.api.identity.test_passkeys import deepcopy_of, with_passkey
from tests.api.story import NEW_DELIVERY, done

SECOND = "/v1/auth/second-factor"
PASSKEY = "/v1/auth/passkey"


@pytest.fixture
async def ada(newcomers: Newcomers) -> tuple[str, pyotp.TOTP, list[str]]:
    """The address of somebody with an app and codes on paper."""
    email = await newcomers.registered()
    return email, *await set_up(await newcomers.signed_in(email))


async def owing(newcomers: Newcomers, email: str) -> dict[str, Any]:
    """Return what is answered to a password that was right."""
    answer = done(await newcomers.sign_in(email))
    assert answer["status"] == "second_factor_required"
    return dict(answer)


async def show(newcomers: Newcomers, token: str, **factor: Any) -> httpx.Response:
    return await newcomers.web.post(SECOND, json={"pre_auth_token": token, **factor})


async def forget_tries(engine: AsyncEngine) -> None:
    """Let enough time pass for the next try of everybody."""
    async with engine.begin() as connection:
        await connection.execute(update(factor_tries).values(blocked_until=text("now()")))


async def test_a_password_waits_for_the_second_factor_and_opens_nothing_before(
    newcomers: Newcomers, ada: tuple[str, pyotp.TOTP, list[str]], engine: AsyncEngine
) -> None:
    email, app, _ = ada
    owed = await owing(newcomers, email)
    assert owed["methods"] == ["totp", "recovery_code"]
    assert "access_token" not in owed
    alone = Person(newcomers.web, "", owed["pre_auth_token"])
    assert (await alone.get("/v1/me/second-factors")).status_code == 401
    signed_in = done(await show(newcomers, owed["pre_auth_token"], totp=next_code(app)))
    assert signed_in["status"] == "signed_in"
    async with engine.connect() as connection:
        kept = (
            await connection.execute(
                select(session.c.authenticated_by, session.c.second_factor_at).where(
                    session.c.session_id == signed_in["session_id"]
                )
            )
        ).one()
    assert kept.authenticated_by == ["pwd", "otp", "mfa"]
    assert kept.second_factor_at is not None


async def test_a_sign_in_is_finished_once(
    newcomers: Newcomers, ada: tuple[str, pyotp.TOTP, list[str]]
) -> None:
    email, _, codes = ada
    token = (await owing(newcomers, email))["pre_auth_token"]
    done(await show(newcomers, token, recovery_code=codes[0]))
    again = await show(newcomers, token, recovery_code=codes[1])
    assert (again.status_code, code_of(again)) == (401, "pre_auth_token_refused")
    unknown = await show(newcomers, "sap_" + "x" * 43, recovery_code=codes[1])
    assert code_of(unknown) == "pre_auth_token_refused"


async def test_a_sign_in_ends_by_itself(
    newcomers: Newcomers, ada: tuple[str, pyotp.TOTP, list[str]], engine: AsyncEngine
) -> None:
    email, _, codes = ada
    token = (await owing(newcomers, email))["pre_auth_token"]
    async with engine.begin() as connection:
        await connection.execute(update(pre_auth_token).values(expires_at=text("now()")))
    late = await show(newcomers, token, recovery_code=codes[0])
    assert code_of(late) == "pre_auth_token_refused"


async def test_a_sign_in_takes_a_few_tries_and_then_the_password_again(
    newcomers: Newcomers, ada: tuple[str, pyotp.TOTP, list[str]], engine: AsyncEngine
) -> None:
    email, _, codes = ada
    token = (await owing(newcomers, email))["pre_auth_token"]
    for _ in range(FACTORS.pre_auth_tries):
        assert code_of(await show(newcomers, token, totp="000000")) == "second_factor_wrong"
        await forget_tries(engine)
    over = await show(newcomers, token, recovery_code=codes[0])
    assert code_of(over) == "pre_auth_token_refused"
    # Somebody knows the password who does not have the factor: its owner is told, once.
    assert (await newcomers.told(email)).count("account_second_step_failed") == 1


async def test_new_passwords_bring_no_new_tries(
    newcomers: Newcomers, ada: tuple[str, pyotp.TOTP, list[str]], engine: AsyncEngine
) -> None:
    email, _, codes = ada
    tokens = [(await owing(newcomers, email))["pre_auth_token"] for _ in range(4)]
    guesses = [show(newcomers, token, totp="000000") for token in tokens for _ in range(3)]
    said = [code_of(answer) for answer in await asyncio.gather(*guesses)]
    free = FACTORS.waits_s.count(0)
    assert said.count("second_factor_wrong") == free + 1
    assert said.count("second_factor_blocked") == len(said) - free - 1
    fresh = (await owing(newcomers, email))["pre_auth_token"]
    blocked = await show(newcomers, fresh, recovery_code=codes[0])
    assert (blocked.status_code, code_of(blocked)) == (429, "second_factor_blocked")
    assert int(blocked.headers["retry-after"]) > 0
    await forget_tries(engine)
    done(await show(newcomers, fresh, recovery_code=codes[0]))


async def test_a_passkey_is_the_second_step_of_its_own_sign_in(newcomers: Newcomers) -> None:
    email = await newcomers.registered()
    device = await with_passkey(await newcomers.signed_in(email))
    first, second = await owing(newcomers, email), await owing(newcomers, email)
    credential = device.sign(first["passkey"])
    elsewhere = await show(newcomers, second["pre_auth_token"], passkey=credential)
    assert code_of(elsewhere) == "passkey_refused"
    done(await show(newcomers, first["pre_auth_token"], passkey=credential))


async def options(newcomers: Newcomers) -> dict[str, Any]:
    made: dict[str, Any] = done(await newcomers.web.put(f"{PASSKEY}/options"))["public_key"]
    return made


async def test_a_passkey_alone_signs_its_person_in(newcomers: Newcomers) -> None:
    email = await newcomers.registered()
    owner = await newcomers.signed_in(email)
    device = await with_passkey(owner)
    asked = await options(newcomers)
    assert asked.get("allowCredentials", []) == []
    body = {"credential": device.sign(asked), "device_name": "Phone"}
    signed_in = done(await newcomers.web.post(PASSKEY, json=body))
    assert signed_in["person_id"] == owner.person_id
    replayed = await newcomers.web.post(PASSKEY, json=body)
    assert (replayed.status_code, code_of(replayed)) == (422, "passkey_refused")


@pytest.mark.parametrize(
    "lie",
    [
        {"origin": "https://evil.example"},
        {"rp_id": "evil.example"},
        {"verifies": False},
        {"user_handle": bytes(16)},
        {"user_handle": b"short"},
        {"credential_id": b"unknown"},
    ],
)
async def test_a_lying_passkey_signs_nobody_in(newcomers: Newcomers, lie: dict[str, Any]) -> None:
    device = deepcopy_of(await with_passkey(await newcomers.signed_in()))
    for name, value in lie.items():
        setattr(device, name, value)
    refused = await newcomers.web.post(
        PASSKEY, json={"credential": device.sign(await options(newcomers))}
    )
    assert code_of(refused) == "passkey_refused"


async def test_staff_are_nobody_special_until_they_have_a_second_factor(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    email = await newcomers.registered()
    agent = await newcomers.signed_in(email)
    hired = update(person).values(roles=["agent", "customer"])
    async with engine.begin() as connection:
        await connection.execute(hired.where(person.c.person_id == agent.person_id))
    delivery = "/v1/deliveries/01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
    for path in ("/v1/attention", delivery):
        refused = await agent.get(path)
        assert (refused.status_code, code_of(refused)) == (
            403, "second_factor_enrolment_required",
        )  # fmt: skip
    # Nor do they change anything that they might as a customer.
    opened = await agent.post("/v1/deliveries", NEW_DELIVERY)
    assert (opened.status_code, code_of(opened)) == (403, "second_factor_enrolment_required")
    assert done(await agent.get("/v1/me/second-factors"))["required"]
    app, _ = await set_up(agent)
    # The session in which the factor was set up has shown it.
    assert (await agent.get("/v1/attention")).status_code == 200
    token = (await owing(newcomers, email))["pre_auth_token"]
    answer = await show(newcomers, token, totp=next_code(app))
    assert (await newcomers.somebody(email, answer).get("/v1/attention")).status_code == 200


async def test_somebody_without_a_factor_signs_in_with_a_password(newcomers: Newcomers) -> None:
    email = await newcomers.registered()
    assert done(await newcomers.sign_in(email))["status"] == "signed_in"
