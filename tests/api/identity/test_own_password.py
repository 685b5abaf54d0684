"""Passwords are changed by who knows them, or set anew by who reads the mail."""

from __future__ import annotations

from fastapi import FastAPI
from sqlalchemy import func, insert, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.codes import CodeUse
from infra.database.schema import linked_identity, notification, passkey_challenge
from infra.identifiers import new_id
from tests.api.client import code_of
from tests.api.counting import counted
from tests.api.identity.notices import notices_to
from tests.api.identity.people import PASSWORD, Newcomers, code_of_mail, new_address, wrong
from tests.api.identity.test_passkeys import options_for, register
from tests.api.story import done
from tests.authenticator import Device

NEW = "another four plain words"
ME = "/v1/me"


async def reset(newcomers: Newcomers, verification_id: str, code: str, password: str = NEW) -> str:
    body = {"verification_id": verification_id, "code": code, "new_password": password}
    answer = await newcomers.web.post("/v1/auth/password/reset", json=body)
    return "done" if answer.status_code == 200 else code_of(answer)


async def forgotten(newcomers: Newcomers, email: str) -> str:
    answer = await newcomers.web.post("/v1/auth/password/forgotten", json={"email": email})
    assert (answer.status_code, set(answer.json())) == (202, {"verification_id", "expires_at"})
    return str(answer.json()["verification_id"])


async def test_a_changed_password_signs_every_other_device_out(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    other = await newcomers.signed_in(ada.email)
    body = {"current_password": PASSWORD, "new_password": NEW}
    assert (await ada.change("PUT", "/v1/me/password", body)).status_code == 200
    assert (await ada.get(ME)).status_code == 200
    assert code_of(await other.get(ME)) == "unauthenticated"
    assert (await newcomers.told(ada.email))[-1] == "account_password_changed"
    assert await newcomers.noted(ada.person_id) == [("account_changed", "password")]
    assert code_of(await newcomers.sign_in(ada.email)) == "sign_in_failed"
    assert (await newcomers.sign_in(ada.email, NEW)).status_code == 200


async def test_who_found_a_phone_cannot_change_the_password(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    body = {"current_password": "a guess of a thief", "new_password": NEW}
    tries = [code_of(await ada.change("PUT", "/v1/me/password", body)) for _ in range(6)]
    assert tries == ["password_wrong"] * 5 + ["too_many_tries"]


async def test_who_reads_the_mail_sets_a_new_password_and_every_session_ends(
    newcomers: Newcomers,
) -> None:
    ada = await newcomers.signed_in()
    locked = [await newcomers.sign_in(ada.email, "wrong password") for _ in range(6)]
    assert code_of(locked[-1]) == "too_many_tries"
    earlier, verification_id = [await forgotten(newcomers, ada.email) for _ in range(2)]
    code = code_of_mail(verification_id, CodeUse.PASSWORD_RESET)
    assert await reset(newcomers, verification_id, code, "short") == "password_refused"
    assert await reset(newcomers, verification_id, code.lower().replace("-", " ")) == "done"
    assert await newcomers.noted(ada.person_id) == [("account_changed", "password_reset")]
    assert code_of(await ada.get(ME)) == "unauthenticated"
    assert code_of(await newcomers.refresh(ada.refresh_token)) == "refresh_token_refused"
    assert (await newcomers.sign_in(ada.email, NEW)).status_code == 200, "the wait is over too"
    assert await reset(newcomers, verification_id, code) == "code_already_used"
    older = code_of_mail(earlier, CodeUse.PASSWORD_RESET)
    assert await reset(newcomers, earlier, older) == "code_already_used"
    assert (await newcomers.told(ada.email))[-3:] == [
        "account_reset_code",
        "account_reset_code",
        "account_password_reset",
    ]


async def test_nobody_learns_from_a_forgotten_password_who_has_an_account(
    newcomers: Newcomers,
) -> None:
    known, unknown = await newcomers.registered(), new_address()
    for email in (known, unknown):
        verification_id = await forgotten(newcomers, email)
        bad = wrong(code_of_mail(verification_id, CodeUse.PASSWORD_RESET))
        tries = [await reset(newcomers, verification_id, bad) for _ in range(6)]
        assert tries == ["code_wrong"] * 5 + ["code_locked"]
    assert await newcomers.told(unknown) == []


async def test_a_reset_ends_what_was_begun_and_says_what_else_opens_the_account(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await newcomers.signed_in()
    device = Device()
    done(await register(ada, device.create(await options_for(ada))))
    async with engine.begin() as connection:
        link = {"identity_id": new_id(), "issuer": "https://accounts.example", "subject": new_id()}
        await connection.execute(
            insert(linked_identity).values(**link, provider="local", person_id=ada.person_id)
        )
    half = done(await newcomers.sign_in(ada.email))
    verification_id = await forgotten(newcomers, ada.email)
    code = code_of_mail(verification_id, CodeUse.PASSWORD_RESET)
    assert await reset(newcomers, verification_id, code) == "done"
    kind, named = (await notices_to(engine, ada.person_id))[-1]
    assert (kind, named) == (
        "account_password_reset", {"providers": "local", "passkeys": "1", "keys": "0"},
    )  # fmt: skip
    answer = {"pre_auth_token": half["pre_auth_token"], "passkey": device.sign(half["passkey"])}
    late = await newcomers.web.post("/v1/auth/second-factor", json=answer)
    assert code_of(late) == "pre_auth_token_refused"
    async with engine.connect() as connection:
        begun = select(passkey_challenge).where(
            passkey_challenge.c.person_id == ada.person_id,
            passkey_challenge.c.purpose == "register",
        )
        assert (await connection.execute(begun)).all() == []


async def test_a_stranger_makes_the_same_work_for_known_and_unknown_addresses(
    newcomers: Newcomers, identity_app: FastAPI
) -> None:
    """Whoever measures the time measures the same statements, with the same rows written."""
    known, unknown = await newcomers.registered(), new_address()
    work: dict[str, list[tuple[list[str], int]]] = {}
    for email in (known, unknown):
        with counted(identity_app.state.engine) as asked:
            verification_id = await forgotten(newcomers, email)
        rows = await written_with(newcomers.engine, verification_id)
        work.setdefault("forgotten", []).append((asked, rows))
        with counted(identity_app.state.engine) as asked:
            begun = (await newcomers.register(email)).json()
        rows = await written_with(newcomers.engine, begun["verification_id"])
        work.setdefault("register", []).append((asked, rows))
        with counted(identity_app.state.engine) as asked:
            assert code_of(await newcomers.sign_in(email, "a wrong one")) == "sign_in_failed"
        work.setdefault("sign in", []).append((asked, 0))
    for kind, (of_known, of_unknown) in work.items():
        assert of_known == of_unknown, kind


async def written_with(engine: AsyncEngine, verification_id: str) -> int:
    """Return how many messages were written with a code, sent or not."""
    query = select(func.count()).select_from(notification)
    async with engine.connect() as connection:
        return int(
            await connection.scalar(query.where(notification.c.verification_id == verification_id))
            or 0
        )
