"""What a booking should change at the provider, whatever it does to the accounts in between."""

from __future__ import annotations

import pytest

from domain.ledger import AccountKind, BookingKind, LedgerTransaction, reversal_booking
from domain.reconciliation.bookings import FITS, VISIBLE, change_at_provider, expected_balance
from domain.reconciliation.lines import LineKind
from tests.domain.builders import DELIVERY
from tests.domain.ledger.steps import COMPENSATED, STEPS, TRAVELER_ID, eur

TRANSACTIONS = [each for step in STEPS for each in step.transactions] + [COMPENSATED]
LEAVES = {
    LineKind.REFUND,
    LineKind.CHARGE_FAILURE,
    LineKind.TRANSFER,
    LineKind.CHARGEBACK,
}
COMES = {
    LineKind.CHARGE,
    LineKind.REFUND_FAILURE,
    LineKind.TRANSFER_REVERSAL,
    LineKind.CHARGEBACK_REVERSAL,
}
EITHER = {LineKind.FEE, LineKind.PAYOUT}
"""A fee may be given back, and a payout may come back from the bank."""


def postings_of(transaction: LedgerTransaction) -> list[tuple[AccountKind, int]]:
    return [(each.account.kind, each.amount.amount_minor) for each in transaction.postings]


def change_of(transaction: LedgerTransaction) -> int:
    return change_at_provider(BookingKind(transaction.kind), postings_of(transaction))


@pytest.mark.parametrize("transaction", TRANSACTIONS, ids=lambda each: each.kind)
def test_what_a_statement_does_not_show_changes_nothing_there(
    transaction: LedgerTransaction,
) -> None:
    kind = BookingKind(transaction.kind)
    if kind not in VISIBLE:
        assert change_of(transaction) == 0
        return
    (line,) = (each for each, kinds in FITS.items() if kind in kinds)
    if line in LEAVES:
        assert change_of(transaction) < 0
    elif line in COMES:
        assert change_of(transaction) >= 0
    else:
        assert line in EITHER


def test_a_netting_shows_once_though_it_is_booked_for_two_deliveries() -> None:
    changes = [change_of(each) for each in TRANSACTIONS if each.kind == BookingKind.NETTING]
    assert sorted(changes) == [0, 0, 0, 100, 300, 400, 400]


def test_a_reversal_comes_back_whole_though_part_of_it_is_owed() -> None:
    back = reversal_booking("r", DELIVERY, TRAVELER_ID, eur(1_000), covered=eur(600))
    assert change_of(back) == 1_000


def test_what_is_expected_leaves_out_what_travelers_have() -> None:
    def of(*kinds: BookingKind) -> int:
        found = (each for step in STEPS[:13] for each in step.transactions)
        chosen = {each.kind: each for each in found if each.kind in kinds}
        return expected_balance(
            {BookingKind(kind): postings_of(each) for kind, each in chosen.items()}
        )

    assert of(BookingKind.CHARGE, BookingKind.PROVIDER_FEE) == 4_200 - 93
    assert of(BookingKind.CHARGE, BookingKind.RELEASE) == 420
    assert of(BookingKind.CHARGE, BookingKind.RELEASE, BookingKind.PAYOUT) == 420
