"""What Stripe knows of each currency: its digits, its smallest charge and the stand-in's fixed fee."""

from __future__ import annotations

from dataclasses import dataclass

from tests.stripe_stand_in.refusals import invalid

AMOUNT_MAX = 99_999_999
"""Largest amount of one object: eight digits."""


@dataclass(frozen=True, slots=True)
class Currency:
    """One currency as the stand-in treats it; amounts in its minor unit."""

    digits: int = 2
    charge_min: int = 50
    fixed_fee: int = 25

    @property
    def step(self) -> int:
        """Smallest difference between two amounts: Stripe rounds three decimals to two."""
        return 10 if self.digits == 3 else 1


CURRENCIES: dict[str, Currency] = {
    **{code: Currency() for code in ("aud", "brl", "cad", "chf", "eur", "nzd", "sgd", "usd")},
    "bhd": Currency(digits=3, charge_min=200, fixed_fee=100),
    "czk": Currency(charge_min=1_500, fixed_fee=650),
    "dkk": Currency(charge_min=250, fixed_fee=180),
    "gbp": Currency(charge_min=30, fixed_fee=20),
    "jod": Currency(digits=3, charge_min=350, fixed_fee=180),
    "jpy": Currency(digits=0, charge_min=50, fixed_fee=30),
    "krw": Currency(digits=0, charge_min=500, fixed_fee=300),
    "kwd": Currency(digits=3, charge_min=150, fixed_fee=80),
    "nok": Currency(charge_min=300, fixed_fee=200),
    "pln": Currency(charge_min=200, fixed_fee=100),
    "sek": Currency(charge_min=300, fixed_fee=180),
    "tnd": Currency(digits=3, charge_min=1_500, fixed_fee=800),
    "vnd": Currency(digits=0, charge_min=10_000, fixed_fee=6_000),
}


def currency_of(code: str) -> Currency:
    """Return what is known of a currency.

    Raises:
        StripeRefusal: an unknown code, or one that is not in small letters.
    """
    if code not in CURRENCIES:
        known = ", ".join(sorted(CURRENCIES))
        message = f"Invalid currency: {code}. Stripe currently supports these currencies: {known}"
        raise invalid(message, param="currency")
    return CURRENCIES[code]


def check_amount(amount: int, code: str, *, param: str = "amount") -> int:
    """Return the amount when it can be moved at all.

    Raises:
        StripeRefusal: not positive, above eight digits, or finer than the currency allows.
    """
    currency = currency_of(code)
    if amount < 1:
        message = "This value must be greater than or equal to 1."
        raise invalid(message, code="parameter_invalid_integer", param=param)
    if amount > AMOUNT_MAX:
        message = f"Amount must be no more than {AMOUNT_MAX} {code}"
        raise invalid(message, code="amount_too_large", param=param)
    if amount % currency.step:
        message = f"Amounts in {code} must be a multiple of {currency.step}."
        raise invalid(message, code="parameter_invalid_integer", param=param)
    return amount


def check_charge(amount: int, code: str) -> int:
    """Return the amount when a card can be charged with it.

    Raises:
        StripeRefusal: as `check_amount`, and an amount below the smallest charge.
    """
    check_amount(amount, code)
    if amount < (smallest := currency_of(code).charge_min):
        message = f"Amount must be at least {smallest} {code}"
        raise invalid(message, code="amount_too_small", param="amount")
    return amount
