"""Passwords that were stolen so often that everybody tries them first."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from domain.identity.passwords import guesses_of


class CommonPasswords(Protocol):
    """Says whether a password is known to those who guess; the password leaves no trace there."""

    async def knows(self, password: str) -> bool:
        """Tell whether a normalised password, or what it repeats, is among the common ones."""
        ...


class ListedPasswords:
    """The thirty thousand most frequent passwords of public leaks, in memory.

    Source: the frequency lists of zxcvbn.
    """

    async def knows(self, password: str) -> bool:
        """Tell whether a normalised password, or what it repeats, is on the list."""
        listed = _listed()
        return any(guess in listed for guess in guesses_of(password))


@cache
def _listed() -> frozenset[str]:
    from zxcvbn.frequency_lists import FREQUENCY_LISTS  # noqa: PLC0415 -- Costs 50 ms and 10 MB.

    return frozenset(FREQUENCY_LISTS["passwords"])
