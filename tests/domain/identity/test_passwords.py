"""Any long password that nobody guesses first is taken."""

from __future__ import annotations

import pytest

from domain.identity.passwords import PasswordFlaw, flaw_of, guesses_of, normalised
from domain.identity.policy import PasswordPolicy

EMAIL = "ada@example.org"
LOVELACE = "lovelace@example.org"


@pytest.mark.parametrize(
    ("password", "flaw"),
    [
        ("elevenchars", PasswordFlaw.TOO_SHORT),
        ("twelve chars", None),
        ("all small letters and spaces", None),
        ("пароль из слов", None),
        ("x" * 128, None),
        ("x" * 129, PasswordFlaw.TOO_LONG),
        ("ADA@example.org", PasswordFlaw.IS_ADDRESS),
        ("my ada@example.org!", PasswordFlaw.IS_ADDRESS),
        ("Sendalong2026!", PasswordFlaw.IS_NAMES),
        ("sendalong lovelace", PasswordFlaw.IS_NAMES),
        ("sendalong four words", None),
    ],
)
def test_length_is_the_only_rule_besides_the_address(
    password: str, flaw: PasswordFlaw | None
) -> None:
    email = LOVELACE if "lovelace" in password else EMAIL
    assert flaw_of(password, email, PasswordPolicy()) is flaw


def test_the_same_password_from_another_keyboard_is_the_same() -> None:
    assert normalised("ﬁlé" + "ｗｏｒｄ") == normalised("filé" + "word")


@pytest.mark.parametrize(
    ("password", "asked"),
    [
        ("PassWordPassword", ("passwordpassword", "password")),
        ("123123123123", ("123123123123", "123")),
        ("!Password2026", ("!password2026", "password")),
        ("2026monkeymonkey", ("2026monkeymonkey", "monkeymonkey", "monkey")),
        ("password passwor", ("password passwor",)),
    ],
)
def test_what_a_password_repeats_or_decorates_is_asked_for_as_well(
    password: str, asked: tuple[str, ...]
) -> None:
    assert guesses_of(password) == asked


def test_the_sentences_name_the_limits_of_the_policy() -> None:
    policy = PasswordPolicy()
    assert f"at least {policy.characters_min} characters" in PasswordFlaw.TOO_SHORT
    assert f"at most {policy.characters_max} characters" in PasswordFlaw.TOO_LONG
