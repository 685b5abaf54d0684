"""Debts that are kept back from a payout: none twice, and nothing that nobody owes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import DeliveryId, PersonId
from domain.ledger import (
    AccountKind,
    DeliveryBooks,
    Due,
    DuesNetted,
    LedgerTransaction,
    charge_booking,
    is_netting,
    netting_id,
    release_booking,
    surplus_returned_booking,
    totals_of,
    unclaimed,
)
from domain.money import Money
from tests.domain.builders import DELIVERY, OTHER_DELIVERY, PRICE

TRAVELER = PersonId("t")
THIRD = DeliveryId("third")
NETTING = netting_id(DELIVERY, 1)


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


def dues(*owed: tuple[DeliveryId, int]) -> tuple[Due, ...]:
    return tuple(Due(delivery_id, eur(amount_minor)) for delivery_id, amount_minor in owed)


PLANNED = dues((OTHER_DELIVERY, 600), (THIRD, 400))
RELEASED = (
    charge_booking("charge", DELIVERY, PRICE),
    release_booking("transfer", DELIVERY, TRAVELER, eur(3_780), eur(420)),
)


def netted(*owed: tuple[DeliveryId, int]) -> tuple[LedgerTransaction, ...]:
    """Return what is booked for the planned debts when this much is still owed."""
    books = DeliveryBooks(RELEASED, eur(0), dues(*owed))
    return DuesNetted(NETTING, DELIVERY, TRAVELER, eur(1_000), PLANNED).completed(books)


def moved(booked: tuple[LedgerTransaction, ...], kind: AccountKind) -> int:
    """Return what an account gained on its own side."""
    return sum(
        posting.account.sign * posting.amount.amount_minor
        for transaction in booked
        for posting in transaction.postings
        if posting.account.kind is kind
    )


@pytest.mark.parametrize(
    ("owed", "paid", "kept"),
    [
        (((OTHER_DELIVERY, 600), (THIRD, 400)), 1_000, 0),
        (((OTHER_DELIVERY, 900), (THIRD, 400)), 1_000, 0),
        (((OTHER_DELIVERY, 600), (THIRD, 100)), 700, 300),
        (((THIRD, 400),), 400, 600),
        ((), 0, 1_000),
    ],
)
def test_a_debt_that_was_paid_meanwhile_is_not_paid_twice(
    owed: tuple[tuple[DeliveryId, int], ...], paid: int, kept: int
) -> None:
    booked = netted(*owed)
    assert moved(booked, AccountKind.TRAVELER_PAYABLE) == -1_000
    assert moved(booked, AccountKind.TRAVELER_DUES) == -paid
    assert moved(booked, AccountKind.NETTING) == kept
    own = tuple(each for each in booked if each.delivery_id == DELIVERY)
    assert totals_of((*RELEASED, *own), "EUR").is_whole


def test_what_was_kept_in_vain_goes_back() -> None:
    booked = (
        *netted((OTHER_DELIVERY, 600)),
        surplus_returned_booking("back", DELIVERY, TRAVELER, eur(400)),
    )
    assert moved(booked, AccountKind.NETTING) == 0
    assert moved(booked, AccountKind.TRAVELER_PAYABLE) == -600


def test_the_oldest_debts_are_claimed_first() -> None:
    owed = dues((OTHER_DELIVERY, 600), (THIRD, 400))
    assert unclaimed(owed, eur(0)) == owed
    assert unclaimed(owed, eur(250)) == dues((OTHER_DELIVERY, 350), (THIRD, 400))
    assert unclaimed(owed, eur(600)) == dues((THIRD, 400))
    assert unclaimed(owed, eur(2_000)) == ()
    foreign = Due(DELIVERY, Money(100, "SEK"))
    assert unclaimed((foreign, *owed), eur(600)) == dues((THIRD, 400))


@given(owed=st.lists(st.integers(1, 1_000), max_size=5), claimed=st.integers(0, 6_000))
def test_claims_and_what_is_left_are_the_whole_debt(owed: list[int], claimed: int) -> None:
    debts = dues(*((DeliveryId(str(number)), each) for number, each in enumerate(owed)))
    left = sum(due.amount.amount_minor for due in unclaimed(debts, eur(claimed)))
    assert left == max(sum(owed) - claimed, 0)


def test_a_netting_is_known_by_its_name() -> None:
    assert netting_id(DELIVERY, 1) != netting_id(DELIVERY, 2)
    assert is_netting(netting_id(DELIVERY, 1))
    assert is_netting(netting_id(DELIVERY, 2))
    assert not is_netting(f"{DELIVERY}:reversal:c")
