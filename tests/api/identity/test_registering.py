"""An account is opened by whoever reads the mail, and nobody learns who has one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.codes import CodeUse
from infra.database.schema import registration, throttle, verification_code
from infra.identifiers import new_id
from tests.api.client import code_of
from tests.api.identity.people import Newcomers, code_of_mail, new_address, wrong


async def test_who_reads_the_mail_opens_the_account_and_signs_in(newcomers: Newcomers) -> None:
    email = new_address()
    begun = await newcomers.register(email, roles=["customer", "traveler"])
    assert begun.status_code == 202
    assert code_of(await newcomers.sign_in(email)) == "sign_in_failed"
    assert (await newcomers.verify(begun.json()["verification_id"])).status_code == 201
    assert await newcomers.told(email) == ["account_registration_code"]
    ada = await newcomers.signed_in(email)
    assert (await ada.get("/v1/deliveries")).status_code == 200


async def test_known_and_unknown_addresses_are_answered_alike(newcomers: Newcomers) -> None:
    known, unknown = await newcomers.registered(), new_address()
    begun = [await newcomers.register(email) for email in (known, unknown)]
    assert [answer.status_code for answer in begun] == [202, 202]
    assert begun[0].json().keys() == begun[1].json().keys()
    assert begun[0].headers.keys() == begun[1].headers.keys()
    assert await newcomers.told(known) == [
        "account_registration_code",
        "account_already_registered",
    ]
    for answer in begun:
        verification_id = answer.json()["verification_id"]
        bad = wrong(code_of_mail(verification_id, CodeUse.REGISTRATION))
        tries = [code_of(await newcomers.verify(verification_id, bad)) for _ in range(6)]
        assert tries == ["code_wrong"] * 5 + ["code_locked"]
    failed = [await newcomers.sign_in(email, "not the password") for email in (known, unknown)]
    assert [answer.status_code for answer in failed] == [401, 401]
    assert [answer.json()["code"] for answer in failed] == ["sign_in_failed"] * 2
    assert failed[0].json()["detail"] == failed[1].json()["detail"]


async def test_the_same_address_in_other_letters_has_an_account_already(
    newcomers: Newcomers,
) -> None:
    email = await newcomers.registered()
    begun = (await newcomers.register(email.upper())).json()
    assert await newcomers.told(email.upper()) == ["account_already_registered"]
    assert code_of(await newcomers.verify(begun["verification_id"])) == "code_wrong"
    assert (await newcomers.sign_in(email.upper())).status_code == 200


async def test_somebody_else_s_earlier_registration_never_opens_with_my_code(
    newcomers: Newcomers,
) -> None:
    email = new_address()
    theirs = (await newcomers.register(email, password="chosen by somebody else")).json()
    mine = (await newcomers.register(email)).json()
    code = code_of_mail(mine["verification_id"], CodeUse.REGISTRATION)
    assert code_of(await newcomers.verify(theirs["verification_id"], code)) == "code_wrong"
    assert (await newcomers.verify(mine["verification_id"], code)).status_code == 201
    assert code_of(await newcomers.verify(theirs["verification_id"])) == "code_wrong"
    assert code_of(await newcomers.sign_in(email, "chosen by somebody else")) == "sign_in_failed"
    assert (await newcomers.sign_in(email)).status_code == 200


async def test_a_code_works_once(newcomers: Newcomers) -> None:
    begun = (await newcomers.register(new_address())).json()
    assert (await newcomers.verify(begun["verification_id"])).status_code == 201
    assert code_of(await newcomers.verify(begun["verification_id"])) == "code_already_used"
    assert code_of(await newcomers.verify(new_id(), "123456")) == "code_wrong"


async def test_nobody_floods_a_mailbox(newcomers: Newcomers) -> None:
    email = new_address()
    answers = [await newcomers.register(email) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert int(answers[-1].headers["retry-after"]) > 800
    verification_id = answers[0].json()["verification_id"]
    again = {"verification_id": verification_id}
    for _ in range(2):
        answer = await newcomers.web.post("/v1/auth/registrations/resending", json=again)
        assert answer.status_code == 202
    assert len(await newcomers.told(email)) == 5, "the same code is sent at most once a minute"


@pytest.mark.parametrize(
    "stolen",
    [
        {"roles": ["agent"]},
        {"roles": ["customer", "admin"]},
        {"roles": []},
        {"roles": ["customer", "customer"]},
        {"status": "verified"},
        {"email_verified_at": "2026-01-01T00:00:00Z"},
        {"person_id": "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"},
        {"price_minor": 1},
        {"payout_account": "acct_1"},
    ],
)
async def test_nobody_registers_as_what_they_are_not(
    newcomers: Newcomers, stolen: dict[str, Any]
) -> None:
    email = new_address()
    answer = await newcomers.register(email, **stolen)
    assert (answer.status_code, code_of(answer)) == (422, "fields_invalid")
    assert await newcomers.told(email) == []


@pytest.mark.parametrize(
    ("password", "sentence"),
    [
        ("abc def ghi", "too short"),
        ("x" * 129, "too long"),
        ("passwordpassword", "everybody tries first"),
        ("hello ada@example.org", "e-mail address"),
    ],
)
async def test_a_password_that_is_not_taken_says_why_and_where(
    newcomers: Newcomers, password: str, sentence: str
) -> None:
    answer = await newcomers.register("ada@example.org", password=password)
    assert (answer.status_code, code_of(answer)) == (422, "password_refused")
    (error,) = answer.json()["errors"]
    assert error["at"] == "body/password"
    assert sentence in error["problem"]
    assert password not in answer.text


async def test_what_was_typed_into_forms_is_forgotten(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    abandoned = (await newcomers.register(new_address())).json()["verification_id"]
    mine = verification_code.c.verification_id == abandoned
    long_ago = func.now() - timedelta(days=3)
    async with engine.begin() as connection:
        await connection.execute(update(verification_code).where(mine).values(expires_at=long_ago))
        few = select(throttle.c.subject).limit(5).scalar_subquery()
        counted = throttle.c.subject.in_(few)
        await connection.execute(
            update(throttle).where(counted).values(counted_at=long_ago, blocked_until=None)
        )
    await newcomers.register(new_address())
    async with engine.connect() as connection:
        kept = [
            await connection.scalar(select(func.count()).select_from(table).where(condition))
            for table, condition in (
                (verification_code, mine),
                (registration, registration.c.verification_id == abandoned),
                (throttle, throttle.c.counted_at < func.now() - timedelta(days=1)),
            )
        ]
    assert kept == [0, 0, 0]
