"""Bookings balance, and the money of a delivery always ends where it belongs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ledger import (
    DEBIT_NORMAL,
    Account,
    AccountKind,
    LedgerTransaction,
    Posting,
    Unbalanced,
    charge_booking,
    payout_booking,
    refund_booking,
    release_booking,
    require_balanced,
)
from domain.money import Money
from domain.policies import FeePolicy
from domain.pricing import price_shares
from tests.domain.builders import DELIVERY, PRICE, TRAVELER, payments

TRAVELER_ID = TRAVELER.person_id
assert TRAVELER_ID is not None
CASH, FEES = Account(AccountKind.PROVIDER_CASH), Account(AccountKind.FEE_REVENUE)
ESCROW = Account(AccountKind.ESCROW, DELIVERY)
OWED = Account(AccountKind.TRAVELER_PAYABLE, TRAVELER_ID)


def balances(transactions: Iterable[LedgerTransaction]) -> Counter[Account]:
    """Return each account's balance in its normal side, checking that none goes below zero."""
    totals: Counter[Account] = Counter()
    for transaction in transactions:
        for posting in transaction.postings:
            side = 1 if posting.account.kind in DEBIT_NORMAL else -1
            totals[posting.account] += side * posting.amount.amount_minor
        assert min(totals.values()) >= 0, transaction.kind
    return totals


def release(amount: Money) -> list[LedgerTransaction]:
    """Return the bookings of a release and its payout."""
    shares = price_shares(FeePolicy(), amount)
    assert TRAVELER_ID is not None
    return [
        release_booking("release", DELIVERY, TRAVELER_ID, shares.traveler, shares.fee),
        payout_booking("payout", DELIVERY, TRAVELER_ID, shares.traveler),
    ]


def test_accounts_are_named_by_kind_and_owner() -> None:
    assert [account.name for account in (CASH, ESCROW, OWED)] == [
        "provider_cash",
        f"escrow:{DELIVERY}",
        f"traveler_payable:{TRAVELER_ID}",
    ]


@given(payments.filter(lambda price: price.amount_minor > 1))
def test_a_released_payment_leaves_only_the_fee(price: Money) -> None:
    books = balances([charge_booking("charge", DELIVERY, price), *release(price)])
    fee = price_shares(FeePolicy(), price).fee.amount_minor
    assert {account: total for account, total in books.items() if total} == (
        {CASH: fee, FEES: fee} if fee else {}
    )


@given(payments)
def test_a_refunded_payment_leaves_nothing(price: Money) -> None:
    charge = charge_booking("charge", DELIVERY, price)
    assert not any(balances([charge, refund_booking("refund", DELIVERY, price)]).values())


@given(payments.filter(lambda price: price.amount_minor > 2), st.data())
def test_a_split_payment_is_shared_out_whole(price: Money, choice: st.DataObject) -> None:
    refund = Money(choice.draw(st.integers(1, price.amount_minor - 2)), price.currency)
    books = balances(
        [
            charge_booking("charge", DELIVERY, price),
            refund_booking("refund", DELIVERY, refund),
            *release(price - refund),
        ]
    )
    assert books[ESCROW] == books[OWED] == 0
    assert books[CASH] == books[FEES]


@given(payments)
def test_every_booking_balances(price: Money) -> None:
    for transaction in (charge_booking("charge", DELIVERY, price), *release(price)):
        require_balanced(transaction)
        assert sum(posting.amount.amount_minor for posting in transaction.postings) == 0
        assert all(posting.amount.amount_minor for posting in transaction.postings)


def test_the_fee_is_recognised_at_release_and_not_before() -> None:
    charge = charge_booking("charge", DELIVERY, PRICE)
    assert FEES not in {posting.account for posting in charge.postings}
    assert FEES in {posting.account for posting in release(PRICE)[0].postings}


@pytest.mark.parametrize(
    "amounts",
    [
        [],
        [Money(1, "EUR")],
        [Money(1, "EUR"), Money(-2, "EUR")],
        [Money(1, "EUR"), Money(-1, "USD")],
    ],
)
def test_postings_that_do_not_balance_are_refused(amounts: list[Money]) -> None:
    postings = tuple(Posting(CASH, amount) for amount in amounts)
    with pytest.raises(Unbalanced, match="broken"):
        require_balanced(LedgerTransaction("broken", "charge", DELIVERY, postings))
