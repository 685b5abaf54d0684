"""What a lost chargeback leaves of a settlement."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.correcting.remainders import rest_after
from domain.money import Money


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


@pytest.mark.parametrize(
    ("refund", "release", "taken", "left"),
    [
        (0, 4_200, 1_000, (0, 3_200)),
        (4_200, 0, 1_000, (3_200, 0)),
        (1_200, 3_000, 1_000, (200, 3_000)),
        (1_200, 3_000, 1_200, (0, 3_000)),
        (1_200, 3_000, 2_000, (0, 2_200)),
        (1_200, 3_000, 4_200, (0, 0)),
    ],
)
def test_what_the_bank_gave_back_counts_as_refunded(
    refund: int, release: int, taken: int, left: tuple[int, int]
) -> None:
    assert rest_after(eur(refund), eur(release), eur(taken)) == (eur(left[0]), eur(left[1]))


amounts = st.integers(0, 10_000)


@given(refund=amounts, release=amounts, taken=amounts)
def test_nothing_is_lost_and_nobody_gets_more(refund: int, release: int, taken: int) -> None:
    left = [each.amount_minor for each in rest_after(eur(refund), eur(release), eur(taken))]
    assert sum(left) == max(refund + release - taken, 0)
    assert 0 <= left[0] <= refund
    assert 0 <= left[1] <= release
