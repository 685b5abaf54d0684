"""Codes are derived, differ by id and use, and are read however people type them."""

from __future__ import annotations

import re

import pytest

from domain.identity.codes import CodeUse, derive_verification_code, is_code, life_s
from domain.identity.policy import CodePolicy, growing_wait_s
from domain.wording import SMS_CHARACTERS_MAX
from domain.words.accounts import ACCOUNT_WORDS, CODE_IN, AccountNotice, account_text

LONGEST = {
    "action": "report_failed_handover",
    "keys": "2",
    "passkeys": "20",
    "prefix": "sak_Qm3xT7aZ",
    "provider": "google",
    "providers": "google, apple, another-one",
    "reason": "Cannot find the code, asked us by phone.",
}
"""What messages name, about as long as it gets."""

KEY = b"k" * 32
ID = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"


def test_a_code_belongs_to_one_key_id_and_use() -> None:
    codes = {
        derive_verification_code(key, verification_id, use)
        for key in (KEY, b"o" * 32)
        for verification_id in (ID, ID.replace("21", "22"))
        for use in CodeUse
    }
    assert len(codes) == 2 * 2 * len(CodeUse)
    assert derive_verification_code(KEY, ID, CodeUse.REGISTRATION) in codes


def test_codes_are_short_digits_but_for_a_new_password() -> None:
    for use in CodeUse:
        code = derive_verification_code(KEY, ID, use)
        is_long = use is CodeUse.PASSWORD_RESET
        pattern = r"(?:[0-9A-HJKMNP-TV-Z]{4}-){2}[0-9A-HJKMNP-TV-Z]{4}" if is_long else r"\d{6}"
        assert re.fullmatch(pattern, code)
        assert life_s(use, CodePolicy()) == (1_800 if is_long else 600)


@pytest.mark.parametrize(
    ("typed", "is_it"),
    [("7K3M-9QWX-2H0P", True), (" 7k3m 9qwx 2hop ", True), ("7K3M-9QWX-2H0Q", False), ("", False)],
)
def test_a_code_is_read_however_it_is_typed(typed: str, is_it: bool) -> None:
    assert is_code("7K3M-9QWX-2H0P", typed) is is_it


def test_every_message_has_words_that_fit_a_text_message() -> None:
    for notice in AccountNotice:
        text = account_text(notice, "7K3M-9QWX-2HTP", LONGEST)
        assert len(text.body) <= SMS_CHARACTERS_MAX, notice
        assert ("7K3M" in text.body) == (notice in CODE_IN), notice
    assert set(ACCOUNT_WORDS) == set(AccountNotice)


def test_the_lives_of_codes_are_those_that_the_messages_name() -> None:
    policy = CodePolicy()
    assert f"{policy.life_s // 60} minutes" in account_text(AccountNotice.PHONE_CODE).body
    assert f"{policy.reset_life_s // 60} minutes" in account_text(AccountNotice.RESET_CODE).body


def test_waits_double_up_to_the_longest() -> None:
    waits = [growing_wait_s(count, 3, 30, 100) for count in range(7)]
    assert waits == [0, 0, 0, 30, 60, 100, 100]
    assert growing_wait_s(10**9, 3, 30, 100) == 100
