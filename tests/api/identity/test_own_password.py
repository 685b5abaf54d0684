"""Passwords are changed by who knows them, or set anew by who reads the mail."""

from __future__ import annotations

from domain.identity.codes import CodeUse
from tests.api.client import code_of
from tests.api.identity.people import PASSWORD, Newcomers, code_of_mail, new_address, wrong

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
        "account_password_changed",
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
