"""How much may be spent on text messages: each costs money, and some numbers pay who caused them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.identity.limits import Bucket

DAY_S = 86_400
COUNTRY_DIGITS = 2
"""Digits behind the plus that stand for a country. Country codes have one to three digits: with two,
neighbours such as +351 and +352 share one cap, and none escapes it."""


@dataclass(frozen=True, slots=True)
class SmsCaps:
    """Text messages a day, beyond which none is sent. Units: messages per 24 hours, moving."""

    number: int = 30
    """To one number, and so to one person: a delivery sends its recipient about six."""
    country: int = 2_000
    """To one country: what a fraud with premium numbers could cost before somebody looks."""
    overall: int = 10_000
    """To everybody."""

    def buckets(self, number: str) -> Iterator[tuple[str, Bucket]]:
        """Yield the bucket of each cap that a message to a number counts against, by its name."""
        country = number[: 1 + COUNTRY_DIGITS]
        for name, cap in (
            (f"sms:number:{number}", self.number),
            (f"sms:country:{country}", self.country),
            ("sms:overall", self.overall),
        ):
            yield name, Bucket(burst=cap, per_s=cap / DAY_S, lease=1)
