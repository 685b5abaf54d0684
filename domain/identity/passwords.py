"""What may be a password: long enough, not somebody's first guess, and otherwise anything.

There are no rules about digits or signs: they make passwords worse. Source: NIST SP 800-63B, 3.1.1.2.
"""

from __future__ import annotations

import unicodedata
from enum import StrEnum

from domain.identity.policy import PasswordPolicy


class PasswordFlaw(StrEnum):
    """Why a password is not taken; the value is the sentence people read."""

    TOO_SHORT = "This is too short: take at least 12 characters, for example four words."
    TOO_LONG = "This is too long: take at most 128 characters."
    IS_ADDRESS = "This is or holds your e-mail address, which others know."
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
    if email.casefold() in password.casefold():
        return PasswordFlaw.IS_ADDRESS
    return None


def guesses_of(password: str) -> tuple[str, ...]:
    """Return what a list of common passwords has to be asked for: the password and what it repeats.

    `passwordpassword` is as easily guessed as `password`.
    """
    plain = password.casefold()
    # A text occurs in its own double before its end only where it repeats something.
    period = (plain + plain).find(plain, 1)
    return (plain,) if period == len(plain) else (plain, plain[:period])
