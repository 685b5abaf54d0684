"""The level of a delivery: by what the parcel is worth, and never less than its customer asked for."""

from __future__ import annotations

import pytest

from domain.handover.choosing import level_for, value_max_without_account
from domain.handover.levels import ProofLevel
from domain.handover.policy import OPAQUE_CODES, ProofPolicy
from domain.money import Money

STANDARD, HIGH, MAXIMUM = ProofLevel


@pytest.mark.parametrize(
    ("declared", "wanted", "level"),
    [
        (None, STANDARD, STANDARD),
        (Money(99_999, "EUR"), STANDARD, STANDARD),
        (Money(100_000, "EUR"), STANDARD, HIGH),
        (Money(499_999, "EUR"), STANDARD, HIGH),
        (Money(500_000, "EUR"), STANDARD, MAXIMUM),
        (Money(159_999, "JPY"), STANDARD, STANDARD),
        (Money(160_000, "JPY"), STANDARD, HIGH),
        (Money(1_000_000, "KWD"), STANDARD, HIGH),
        (None, MAXIMUM, MAXIMUM),
        (Money(100, "EUR"), HIGH, HIGH),
        (Money(500_000, "EUR"), HIGH, MAXIMUM),
    ],
)
def test_value_and_wish_choose_the_stronger_level(
    declared: Money | None, wanted: ProofLevel, level: ProofLevel
) -> None:
    assert level_for(ProofPolicy(), declared, wanted) is level


def test_an_order_of_before_needs_no_more_than_its_customer_asks_for() -> None:
    assert level_for(OPAQUE_CODES, Money(9_000_000, "EUR")) is STANDARD
    assert level_for(OPAQUE_CODES, Money(9_000_000, "EUR"), HIGH) is HIGH


def test_without_an_account_a_parcel_is_worth_less_than_what_needs_one() -> None:
    assert value_max_without_account(ProofPolicy(), "EUR", 10_000_000) == 499_999
    assert value_max_without_account(ProofPolicy(), "EUR", 100_000) == 100_000
    assert value_max_without_account(OPAQUE_CODES, "EUR", 10_000_000) == 10_000_000
