"""Amounts: exact, printed as people read them, shared without losing a unit."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money import AMOUNT_MINOR_MAX, MINOR_DIGITS, CurrencyMismatch, Money, UnknownCurrency
from tests.domain.builders import currencies

signed = st.integers(-AMOUNT_MINOR_MAX, AMOUNT_MINOR_MAX)
weights = st.lists(st.integers(0, 10_000), min_size=1, max_size=9).filter(any)


@pytest.mark.parametrize(
    ("amount_minor", "currency", "text"),
    [
        (4_200, "EUR", "EUR 42.00"),
        (4_200, "JPY", "JPY 4200"),
        (4_200, "KWD", "KWD 4.200"),
        (5, "EUR", "EUR 0.05"),
        (7, "TND", "TND 0.007"),
        (0, "USD", "USD 0.00"),
        (-4_205, "EUR", "EUR -42.05"),
    ],
)
def test_amount_is_printed_with_the_digits_of_its_currency(
    amount_minor: int, currency: str, text: str
) -> None:
    assert str(Money(amount_minor, currency)) == text


@given(signed, currencies)
def test_printed_amount_reads_back_exactly(amount_minor: int, currency: str) -> None:
    code, figures = str(Money(amount_minor, currency)).split(" ")
    assert code == currency
    assert Fraction(figures) * 10 ** MINOR_DIGITS[currency] == amount_minor


@pytest.mark.parametrize("currency", ["eur", "EURO", "XXX", "BTC", " EUR"])
def test_unknown_currency_is_refused(currency: str) -> None:
    with pytest.raises(UnknownCurrency, match=currency):
        Money(1, currency)


def test_sums_and_differences_are_exact() -> None:
    assert Money(10, "EUR") + Money(5, "EUR") == Money(15, "EUR")
    assert Money(10, "EUR") - Money(15, "EUR") == Money(-5, "EUR")
    assert -Money(10, "EUR") == Money(-10, "EUR")


def test_two_currencies_are_never_combined() -> None:
    with pytest.raises(CurrencyMismatch, match="EUR and USD"):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch, match="JPY and EUR"):
        Money(1, "JPY") - Money(1, "EUR")


@pytest.mark.parametrize(
    ("amount_minor", "basis_points", "expected"),
    [(4_200, 1_000, 420), (5, 1_000, 1), (4, 1_000, 0), (99, 10_000, 99), (99, 0, 0)],
)
def test_share_is_rounded_half_up(amount_minor: int, basis_points: int, expected: int) -> None:
    assert Money(amount_minor, "JPY").share(basis_points) == Money(expected, "JPY")


@given(st.integers(0, 10**7), currencies, weights, st.integers(0, 10_000))
def test_shares_of_what_can_be_moved_can_be_moved(
    steps: int, currency: str, shares: list[int], basis_points: int
) -> None:
    whole = Money(steps * Money(1, currency).step_minor, currency)
    assert whole.is_movable
    assert whole.share(basis_points).is_movable
    assert all(part.is_movable for part in whole.split(shares))


def test_card_networks_settle_two_decimals() -> None:
    assert [Money(1, code).step_minor for code in ("JPY", "EUR", "KWD")] == [1, 1, 10]
    assert Money(4_210, "KWD").is_movable
    assert not Money(4_201, "KWD").is_movable


@given(signed, currencies, weights)
def test_split_never_loses_a_unit(amount_minor: int, currency: str, shares: list[int]) -> None:
    parts = Money(amount_minor, currency).split(shares)
    assert len(parts) == len(shares)
    assert sum(part.amount_minor for part in parts) == amount_minor
    assert {part.currency for part in parts} == {currency}


@given(signed, currencies, weights)
def test_split_is_fair_to_the_unit(amount_minor: int, currency: str, shares: list[int]) -> None:
    parts = Money(amount_minor, currency).split(shares)
    for part, weight in zip(parts, shares, strict=True):
        step = part.step_minor if Money(amount_minor, currency).is_movable else 1
        assert abs(part.amount_minor - Fraction(amount_minor * weight, sum(shares))) < step
        assert weight or part.amount_minor == 0


def test_units_left_over_go_to_the_largest_remainder_then_to_the_first() -> None:
    assert Money(100, "KWD").split((1, 1, 1)) == tuple(Money(n, "KWD") for n in (40, 30, 30))
    assert Money(11, "KWD").split((1, 1, 1)) == tuple(Money(n, "KWD") for n in (4, 4, 3))
    assert Money(101, "EUR").split((1, 1)) == (Money(51, "EUR"), Money(50, "EUR"))
    assert Money(10, "JPY").split((1, 2)) == (Money(3, "JPY"), Money(7, "JPY"))


@pytest.mark.parametrize("shares", [[], [0], [0, 0], [1, -1], [3, -1]])
def test_split_by_nothing_or_by_negative_weights_is_refused(shares: list[int]) -> None:
    with pytest.raises(ValueError, match="weights"):
        Money(100, "EUR").split(shares)
