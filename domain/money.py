"""Amounts of money as integer minor units, and the one way to share them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

MINOR_DIGITS: dict[str, int] = {
    "AUD": 2, "BHD": 3, "CAD": 2, "CHF": 2, "CZK": 2, "DKK": 2, "EUR": 2, "GBP": 2, "JOD": 3,
    "JPY": 0, "KRW": 0, "KWD": 3, "NOK": 2, "NZD": 2, "PLN": 2, "SEK": 2, "TND": 3, "USD": 2,
}  # fmt: skip
"""Decimal digits of each currency the platform accepts. Source: ISO 4217."""

DIGITS_SETTLED = 2
"""Decimal digits that card networks settle; a third must be zero. Source: Stripe on currencies."""

AMOUNT_MINOR_MAX = 99_999_999
"""Largest single amount, in minor units: eight digits, the limit of the card networks."""


class UnknownCurrency(ValueError):
    """The currency is not one the platform accepts."""


class CurrencyMismatch(ValueError):
    """Two amounts of different currencies were combined."""


@dataclass(frozen=True, slots=True)
class Money:
    """An exact amount of one currency.

    Raises:
        UnknownCurrency: the currency is not in `MINOR_DIGITS`.
    """

    amount_minor: int
    """Integer minor units: cents for EUR, whole yen for JPY, fils for KWD."""
    currency: str
    """ISO 4217 alphabetic code in capitals."""

    def __post_init__(self) -> None:
        if self.currency not in MINOR_DIGITS:
            raise UnknownCurrency(self.currency)

    def __add__(self, other: Money) -> Money:
        return Money(self.amount_minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.amount_minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.amount_minor, self.currency)

    def __str__(self) -> str:
        """Return for example `EUR 42.00`, `JPY 4200` or `KWD 4.200`."""
        digits = MINOR_DIGITS[self.currency]
        sign = "-" if self.amount_minor < 0 else ""
        whole, fraction = divmod(abs(self.amount_minor), 10**digits)
        tail = f".{fraction:0{digits}d}" if digits else ""
        return f"{self.currency} {sign}{whole}{tail}"

    @property
    def step_minor(self) -> int:
        """Smallest difference between two amounts that can be moved, in minor units."""
        return int(10 ** max(0, MINOR_DIGITS[self.currency] - DIGITS_SETTLED))

    @property
    def is_movable(self) -> bool:
        """Whether a card network can settle exactly this amount."""
        return self.amount_minor % self.step_minor == 0

    def share(self, basis_points: int) -> Money:
        """Return a share of the amount, rounded half up to what can be moved.

        Units: one basis point is a ten-thousandth.
        """
        whole = 10_000 * self._step
        return Money(
            (self.amount_minor * basis_points + whole // 2) // whole * self._step, self.currency
        )

    def split(self, weights: Sequence[int]) -> tuple[Money, ...]:
        """Return one part per weight; the parts always sum to the amount exactly.

        Steps left over by rounding go to the largest remainders, earlier parts first on a tie. Each
        part can be moved when the amount can.

        Raises:
            ValueError: a weight is negative or all of them are zero.
        """
        total = sum(weights)
        if total <= 0 or min(weights) < 0:
            raise ValueError("weights must not be negative and must not all be zero")
        steps = self.amount_minor // self._step
        floors = [steps * weight // total for weight in weights]
        remainders = [steps * weight % total for weight in weights]
        left = steps - sum(floors)
        by_remainder = sorted(range(len(weights)), key=lambda i: (-remainders[i], i))
        for index in by_remainder[:left]:
            floors[index] += 1
        return tuple(Money(part * self._step, self.currency) for part in floors)

    @property
    def _step(self) -> int:
        return self.step_minor if self.is_movable else 1

    def _same(self, other: Money) -> int:
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.amount_minor
