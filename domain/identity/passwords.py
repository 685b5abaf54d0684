"""What may be a password: long enough, not somebody's first guess, and otherwise anything.

There are no rules about digits or signs: they make passwords worse. Source: NIST SP 800-63B, 3.1.1.2.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum
from itertools import dropwhile

from domain.identity.policy import PasswordPolicy

OUR_NAMES = ("sendalong",)
"""Words that everybody tries here first. Source: OWASP ASVS 5.0, V6.1.2."""
NAME_CHARACTERS_MIN = 4
"""Shorter parts of an address occur in passwords by accident."""
OWN_CHARACTERS_MIN = 8
"""What has to be left of a password without those names. Source: OWASP ASVS 5.0, V6.2.1."""


class PasswordFlaw(StrEnum):
    """Why a password is not taken; the value is the sentence people read."""

    TOO_SHORT = "This is too short: take at least 12 characters, for example four words."
    TOO_LONG = "This is too long: take at most 128 characters."
    IS_ADDRESS = "This is or holds your e-mail address, which others know."
    IS_NAMES = "This is little more than our name or a part of your address. Add words of your own."
    TOO_COMMON = "This is among the passwords that everybody tries first. Take another one."


def normalised(password: str) -> str:
    """Return one spelling of a password, whatever keyboard it was typed on. Source: RFC 8265."""
    return unicodedata.normalize("NFKC", password)


def flaw_of(password: str, email: str, policy: PasswordPolicy) -> PasswordFlaw | None:
    """Return what is wrong with a normalised password, apart from being common; none if nothing."""
    if len(password) < policy.characters_min:
        return PasswordFlaw.TOO_SHORT
    if len(password) > policy.characters_max:
        return PasswordFlaw.TOO_LONG
    plain = password.casefold()
    if email and email.casefold() in plain:
        return PasswordFlaw.IS_ADDRESS
    for name in (*OUR_NAMES, email.casefold().partition("@")[0]):
        plain = plain.replace(name, "") if len(name) >= NAME_CHARACTERS_MIN else plain
    return PasswordFlaw.IS_NAMES if len(plain) < OWN_CHARACTERS_MIN else None


def guesses_of(password: str) -> tuple[str, ...]:
    """Return what a list of common passwords has to be asked for.

    That is the password, what it repeats, and what is left without signs and digits around it:
    `passwordpassword` and `!password2026` are as easily guessed as `password`.
    """
    plain = password.casefold()
    core = "".join(dropwhile(_is_no_letter, plain))
    core = "".join(dropwhile(_is_no_letter, reversed(core)))[::-1]
    asked = (plain, _repeated(plain), core, _repeated(core))
    return tuple(dict.fromkeys(guess for guess in asked if guess))


def _repeated(text: str) -> str:
    """Return what a text repeats, or the text."""
    # A text occurs in its own double before its end only where it repeats something.
    return text[: (text + text).find(text, 1)] if text else text


def _is_no_letter(sign: str) -> bool:
    return not sign.isalpha()
