"""Distances, suggested prices, limits of offers and the platform's share."""

from __future__ import annotations

from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RefusalCode
from domain.money import AMOUNT_MINOR_MAX, MINOR_DIGITS, Money
from domain.policies import FeePolicy, PricePolicy
from domain.pricing import (
    EARTH_RADIUS_M,
    Place,
    distance_m,
    price_shares,
    require_offer_price,
    suggested_price,
)
from tests.domain.builders import currencies, payments, refusal_of

MADRID, BARCELONA = Place(40.4168, -3.7038), Place(41.3874, 2.1686)
places = st.builds(Place, st.floats(-90, 90), st.floats(-180, 180))
basis_points = st.integers(0, 10_000)


def test_distance_of_two_cities() -> None:
    assert distance_m(MADRID, BARCELONA) == pytest.approx(505_000, rel=0.005)


def test_distance_across_the_date_line_is_short() -> None:
    assert distance_m(Place(0, 179.9), Place(0, -179.9)) == pytest.approx(22_239, rel=0.001)


@given(places, places)
def test_distance_has_no_direction_and_fits_the_earth(start: Place, end: Place) -> None:
    there, back = distance_m(start, end), distance_m(end, start)
    assert there == pytest.approx(back, abs=0.001)
    assert 0 <= there <= pi * EARTH_RADIUS_M


@given(places)
def test_a_place_is_no_distance_from_itself(place: Place) -> None:
    assert distance_m(place, place) == 0


@pytest.mark.parametrize(
    ("currency", "distance", "weight_grams", "expected"),
    [
        ("EUR", 505_000, 2_500, "EUR 33.25"),
        ("EUR", 0, 1, "EUR 6.00"),
        ("EUR", 1_001, 1_001, "EUR 7.10"),
        ("KWD", 505_000, 2_500, "KWD 33.250"),
        ("JPY", 505_000, 2_500, "JPY 5320"),
    ],
)
def test_suggested_price_counts_started_kilometres_and_kilograms(
    currency: str, distance: float, weight_grams: int, expected: str
) -> None:
    assert str(suggested_price(PricePolicy(), currency, distance, weight_grams)) == expected


@given(currencies, st.floats(0, 2e7), st.integers(0, 50_000), st.floats(0, 2e7))
def test_farther_or_heavier_never_costs_less(
    currency: str, distance: float, weight_grams: int, farther: float
) -> None:
    price = suggested_price(PricePolicy(), currency, distance, weight_grams)
    more = suggested_price(PricePolicy(), currency, distance + farther, weight_grams + 1)
    assert 0 < price.amount_minor <= more.amount_minor


def test_suggested_price_is_never_nothing() -> None:
    free = PricePolicy(base_minor=0, per_km_minor=0, per_kg_minor=0)
    assert suggested_price(free, "JPY", 0, 0) == Money(1, "JPY")


@pytest.mark.parametrize(
    ("currency", "low", "high"),
    [
        ("EUR", 100, 5_000_000),
        ("KWD", 1_000, 50_000_000),
        ("JPY", 160, 8_000_000),
        ("TND", 3_000, AMOUNT_MINOR_MAX - 9),
    ],
)
def test_offers_have_a_least_and_a_greatest_price(currency: str, low: int, high: int) -> None:
    for amount_minor in (low, high):
        assert refusal_of(require_offer_price, PricePolicy(), Money(amount_minor, currency)) is None
    for amount_minor in (low - 1, high + 1, 0, -low):
        refusal = refusal_of(require_offer_price, PricePolicy(), Money(amount_minor, currency))
        assert refusal is RefusalCode.PRICE_OUT_OF_RANGE


@pytest.mark.parametrize("currency", MINOR_DIGITS)
def test_no_offer_of_nothing_is_taken_whatever_the_policy(currency: str) -> None:
    lax = PricePolicy(offer_minor_min=0)
    assert refusal_of(require_offer_price, lax, Money(0, currency)) is not None


def test_a_price_that_card_networks_do_not_settle_is_refused() -> None:
    refusal = refusal_of(require_offer_price, PricePolicy(), Money(12_345, "KWD"))
    assert refusal is RefusalCode.PRICE_OUT_OF_RANGE
    shares = price_shares(FeePolicy(), Money(12_340, "KWD"))
    assert (shares.traveler, shares.fee) == (Money(11_110, "KWD"), Money(1_230, "KWD"))


def test_platform_takes_ten_per_cent() -> None:
    shares = price_shares(FeePolicy(), Money(4_200, "EUR"))
    assert (shares.traveler, shares.fee) == (Money(3_780, "EUR"), Money(420, "EUR"))


@given(payments, basis_points, st.integers(0, 1_000))
def test_shares_sum_to_the_price_and_neither_is_negative(
    price: Money, share: int, least: int
) -> None:
    policy = FeePolicy(platform_fee_basis_points=share, platform_fee_minor_min=least)
    shares = price_shares(policy, price)
    assert shares.traveler + shares.fee == price
    assert shares.fee.amount_minor >= 0
    assert shares.traveler.amount_minor >= min(1, price.amount_minor)
    if price.currency == "EUR":
        assert shares.fee.amount_minor >= min(least, price.amount_minor - 1)
