"""Money that comes back after it was booked as gone."""

from __future__ import annotations

import pytest

from domain.ids import DeliveryId, PersonId
from domain.ledger import (
    AccountKind,
    Burden,
    DeliveryBooks,
    LedgerTransaction,
    TransferReversed,
    borne_refund_booking,
    charge_booking,
    charge_undone_booking,
    customer_bears,
    payout_booking,
    platform_bears,
    refund_booking,
    refund_undone_booking,
    release_booking,
    totals_of,
    traveler_bears,
    undo_booking,
)
from domain.money import Money

DELIVERY, TRAVELER, CUSTOMER = DeliveryId("d"), PersonId("t"), PersonId("c")
PRICE, FEE, PART = Money(4_200, "EUR"), Money(420, "EUR"), Money(1_000, "EUR")
SHARE, NOTHING = PRICE - FEE, Money(0, "EUR")
CHARGED = (charge_booking("d:charge", DELIVERY, PRICE),)
RELEASED = (*CHARGED, release_booking("d:transfer", DELIVERY, TRAVELER, SHARE, FEE))
PAID_OUT = (*RELEASED, payout_booking("d:payout", DELIVERY, TRAVELER, SHARE))


def books(*known: LedgerTransaction, under_way: Money = NOTHING) -> DeliveryBooks:
    assert totals_of(known, "EUR").is_whole
    return DeliveryBooks(known, under_way)


def refunded_by(burden: Burden) -> tuple[LedgerTransaction, ...]:
    return (*PAID_OUT, borne_refund_booking("d:refund:1", DELIVERY, burden))


def reversed_after(*known: LedgerTransaction, from_account: bool = False) -> DeliveryBooks:
    """Return the books after a reversal of what the traveler bears."""
    reversal = TransferReversed("d:reversal:1", DELIVERY, TRAVELER, PART, from_account)
    return books(*known, *reversal.completed(books(*known)))


def test_a_refund_that_fails_is_held_for_the_customer_and_can_be_given_again() -> None:
    undone = refund_undone_booking("d:refund:undone", DELIVERY, PRICE)
    refund = refund_booking("d:refund", DELIVERY, PRICE)
    assert set(undone.postings) == set(undo_booking("same", refund).postings)
    assert books(*CHARGED, refund, undone).on(AccountKind.ESCROW) == PRICE
    again = refund_booking("d:refund:2", DELIVERY, PRICE)
    assert totals_of((*CHARGED, refund, undone, again), "EUR").is_settled


@pytest.mark.parametrize("burden", [platform_bears(PART), traveler_bears(TRAVELER, PART)])
def test_whoever_bore_a_refund_that_fails_bears_it_still(burden: Burden) -> None:
    before = refunded_by(burden)
    undone = refund_undone_booking("d:refund:1:undone", DELIVERY, PART)
    after = books(*before, undone)
    assert after.on(AccountKind.ESCROW) == PART
    for kind in (AccountKind.PLATFORM_LOSS, AccountKind.TRAVELER_DUES):
        assert after.on(kind) == books(*before).on(kind)


def test_a_refund_that_the_traveler_bears_and_that_was_reversed_for_can_fail() -> None:
    reversed_ = reversed_after(*refunded_by(traveler_bears(TRAVELER, PART)), from_account=True)
    assert reversed_.on(AccountKind.TRAVELER_DUES) == NOTHING
    undone = refund_undone_booking("d:refund:1:undone", DELIVERY, PART)
    after = books(*reversed_.transactions, undone)
    assert (after.on(AccountKind.ESCROW), after.on(AccountKind.TRAVELER_DUES)) == (PART, NOTHING)


def test_a_reversal_out_of_the_account_pays_the_debt_although_all_counted_as_paid_out() -> None:
    after = reversed_after(*refunded_by(traveler_bears(TRAVELER, PART)), from_account=True)
    assert after.on(AccountKind.TRAVELER_DUES) == NOTHING
    assert after.on(AccountKind.TRAVELER_PAYABLE) == NOTHING
    totals = totals_of(after.transactions, "EUR")
    assert (totals.reversed, totals.refunded, totals.is_settled) == (1_000, 1_000, True)


def test_a_reversal_covers_what_was_not_paid_out_and_the_rest_is_owed() -> None:
    part = Money(600, "EUR")
    known = (*RELEASED, payout_booking("d:payout", DELIVERY, TRAVELER, SHARE - part))
    refund = borne_refund_booking("d:refund:1", DELIVERY, traveler_bears(TRAVELER, PART))
    after = reversed_after(*known, refund)
    assert after.on(AccountKind.TRAVELER_DUES) == PART - part
    assert after.on(AccountKind.TRAVELER_PAYABLE) == NOTHING


@pytest.mark.parametrize(
    ("known", "held", "owed"), [(CHARGED, PRICE, NOTHING), (PAID_OUT, NOTHING, PRICE)]
)
def test_a_payment_that_fails_after_all_is_owed_as_far_as_it_is_not_held(
    known: tuple[LedgerTransaction, ...], held: Money, owed: Money
) -> None:
    burden = customer_bears(CUSTOMER, PRICE, held)
    after = books(*known, charge_undone_booking("d:charge:undone", DELIVERY, burden))
    assert after.on(AccountKind.ESCROW) == NOTHING
    assert after.on(AccountKind.CUSTOMER_DUES) == owed
    assert totals_of(after.transactions, "EUR").charged == 0
