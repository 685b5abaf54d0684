"""Another address or number counts once a code was read there, and the old address is told."""

from __future__ import annotations

from typing import Any

from domain.identity.codes import CodeUse
from tests.api.client import code_of
from tests.api.identity.people import PASSWORD, Newcomers, SignedIn, code_of_mail, new_address

PHONE = "+34600112233"


async def begin_move(ada: SignedIn, email: str, password: str = PASSWORD) -> Any:
    body = {"email": email, "current_password": password}
    return await ada.change("PUT", "/v1/me/email", body)


async def finish(ada: SignedIn, kind: str, verification_id: str, use: CodeUse) -> Any:
    body = {"verification_id": verification_id, "code": code_of_mail(verification_id, use)}
    return await ada.change("PUT", f"/v1/me/{kind}/verification", body)


async def test_an_account_moves_once_the_new_mailbox_is_read(newcomers: Newcomers) -> None:
    ada, new = await newcomers.signed_in(), new_address()
    begun = await begin_move(ada, new)
    assert begun.status_code == 202
    assert (await newcomers.told(ada.email))[-1] == "account_email_change_begun"
    assert await newcomers.told(new) == ["account_email_code"]
    assert (await ada.get("/v1/me")).json()["email"] == ada.email, "not yet"
    moved = await finish(ada, "email", begun.json()["verification_id"], CodeUse.EMAIL_CHANGE)
    assert moved.json()["email"] == new
    assert (await newcomers.told(ada.email))[-1] == "account_email_changed"
    assert await newcomers.noted(ada.person_id) == [("account_changed", "email")]
    assert code_of(await newcomers.sign_in(ada.email)) == "sign_in_failed"
    assert (await newcomers.sign_in(new)).status_code == 200


async def test_moving_to_an_address_with_an_account_looks_the_same_and_never_works(
    newcomers: Newcomers,
) -> None:
    ada, taken = await newcomers.signed_in(), await newcomers.registered()
    begun = await begin_move(ada, taken)
    assert (begun.status_code, set(begun.json())) == (202, {"verification_id", "expires_at"})
    assert (await newcomers.told(taken))[-1] == "account_email_taken"
    moved = await finish(ada, "email", begun.json()["verification_id"], CodeUse.EMAIL_CHANGE)
    assert code_of(moved) == "code_wrong"
    assert (await ada.get("/v1/me")).json()["email"] == ada.email


async def test_moving_needs_the_password_and_one_s_own_code(newcomers: Newcomers) -> None:
    ada, eve = await newcomers.signed_in(), await newcomers.signed_in()
    assert code_of(await begin_move(ada, new_address(), "not the password")) == "password_wrong"
    begun = (await begin_move(ada, new_address())).json()["verification_id"]
    assert code_of(await finish(eve, "email", begun, CodeUse.EMAIL_CHANGE)) == "code_wrong"
    assert code_of(await finish(ada, "phone", begun, CodeUse.EMAIL_CHANGE)) == "code_wrong"


async def test_a_number_is_verified_by_the_code_that_comes_there(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    begun = await ada.change("PUT", "/v1/me/phone", {"phone": PHONE})
    assert begun.status_code == 202
    assert (await newcomers.told(PHONE))[-1] == "account_phone_code"
    verified = await finish(ada, "phone", begun.json()["verification_id"], CodeUse.PHONE_CHANGE)
    assert (verified.json()["phone"], verified.json()["phone_verified"]) == (PHONE, True)
    assert (await newcomers.told(ada.email))[-1] == "account_phone_changed"
    assert await newcomers.noted(ada.person_id) == [("account_changed", "phone")]


async def test_nobody_sends_text_messages_without_end(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    numbers = [f"+3460099{number:04}" for number in range(6)]
    answers = [await ada.change("PUT", "/v1/me/phone", {"phone": to}) for to in numbers]
    assert [answer.status_code for answer in answers] == [202] * 5 + [429]
    assert await newcomers.told(numbers[-1]) == []
