"""Every booking there is: it balances, names who bears it, and books what its name says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain import ledger
from domain.ledger import (
    DEBIT_NORMAL,
    MEANINGS,
    MEMO,
    OF_DELIVERY,
    OF_PERSON,
    UNASKED,
    Account,
    AccountKind,
    Bearer,
    BookingKind,
    Due,
    LedgerTransaction,
    NegativeAmount,
    Unbalanced,
    authorisation_booking,
    cancellation_bookings,
    cancellation_shares,
    charge_booking,
    chargeback_lost_booking,
    customer_bears,
    netting_of,
    platform_bears,
    refund_booking,
    require_balanced,
    traveler_bears,
    undo_booking,
    verdict_bookings,
    write_off_booking,
)
from domain.ledger.transactions import NAMES_BEARER, RECOGNISING, Posting
from domain.money import CurrencyMismatch, Money
from domain.policies import FeePolicy
from domain.pricing import price_shares
from tests.domain.builders import DELIVERY, OTHER_DELIVERY, PRICE, payments
from tests.domain.ledger import steps
from tests.domain.ledger.books import Books
from tests.domain.ledger.steps import COMPENSATED, CUSTOMER_ID, STEPS, TRAVELER_ID, Step, eur


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_balances_moves_something_and_names_its_bearer(step: Step) -> None:
    assert step.transactions
    for transaction in step.transactions:
        require_balanced(transaction)
        assert transaction.kind in set(BookingKind)
        assert (transaction.bearer is not None) == (transaction.kind in NAMES_BEARER)
        kinds = {posting.account.kind for posting in transaction.postings}
        assert (AccountKind.FEE_REVENUE in kinds) <= (transaction.kind in RECOGNISING)
        for posting in transaction.postings:
            owned = posting.account.kind in OF_DELIVERY | OF_PERSON
            assert bool(posting.account.owner) == owned


def test_there_is_a_step_for_every_kind_and_every_account() -> None:
    booked = [transaction for step in STEPS for transaction in step.transactions]
    assert {transaction.kind for transaction in booked} == set(BookingKind)
    used = {posting.account.kind for one in booked for posting in one.postings}
    assert used == set(AccountKind) == set(MEANINGS)
    assert OF_DELIVERY.isdisjoint(OF_PERSON)


def test_every_booking_function_has_a_step() -> None:
    made = {name for name in ledger.__all__ if name.endswith(("_booking", "_bookings"))}
    assert made <= set(vars(steps))


def test_what_the_provider_is_asked_for_needs_an_operation() -> None:
    asked = set(BookingKind) - UNASKED
    assert {"charge", "refund", "release", "payout", "reversal", "tip", "authorisation"} <= asked


def test_memo_accounts_sum_to_zero_among_themselves() -> None:
    authorised = authorisation_booking("a", DELIVERY, PRICE)
    assert {posting.account.kind for posting in authorised.postings} == MEMO
    half = authorised.postings[0], Posting(Account(AccountKind.ESCROW, DELIVERY), -PRICE)
    with pytest.raises(Unbalanced):
        require_balanced(LedgerTransaction("a", "authorisation", DELIVERY, half))


def test_no_fee_is_earned_by_what_releases_nothing() -> None:
    postings = tuple(COMPENSATED.postings)
    with pytest.raises(Unbalanced, match="earns no fee"):
        require_balanced(LedgerTransaction("c", "charge", DELIVERY, postings))


@pytest.mark.parametrize(
    "book",
    [
        lambda less: charge_booking("k", DELIVERY, less),
        lambda less: refund_booking("k", DELIVERY, less),
        lambda less: authorisation_booking("k", DELIVERY, less),
        lambda less: chargeback_lost_booking("k", DELIVERY, platform_bears(less)),
    ],
)
def test_less_than_nothing_is_never_booked(book: object) -> None:
    assert callable(book)
    with pytest.raises(NegativeAmount):
        book(eur(-1))
    with pytest.raises(Unbalanced):
        book(eur(0))


def test_only_what_a_provider_takes_back_is_undone() -> None:
    charge = charge_booking("charge", DELIVERY, PRICE)
    undone = undo_booking("undo", charge)
    assert Books((charge, undone)).left() == {}
    with pytest.raises(ValueError, match="never taken back"):
        undo_booking("again", undone)


@given(payments, st.integers(0, 10_000), st.data())
def test_a_cancelled_payment_is_shared_out_whole(
    held: Money, compensation: int, choice: st.DataObject
) -> None:
    shares = cancellation_shares(
        held, compensation, choice.draw(st.integers(0, 10_000 - compensation))
    )
    assert shares.refund + shares.compensation + shares.fee == held
    books = Books((charge_booking("charge", DELIVERY, held),))
    books.book(
        *cancellation_bookings(DELIVERY, TRAVELER_ID, shares, refund_key="r", compensation_key="c")
    )
    assert books.of(AccountKind.ESCROW, DELIVERY) == 0
    assert books.of(AccountKind.TRAVELER_PAYABLE, TRAVELER_ID) == shares.compensation.amount_minor


@pytest.mark.parametrize(("compensation", "fee"), [(9_000, 1_001), (-1, 0), (0, 10_001)])
def test_a_tier_takes_no_more_than_all(compensation: int, fee: int) -> None:
    with pytest.raises(ValueError, match="weights"):
        cancellation_shares(PRICE, compensation, fee)


@given(payments, st.data())
def test_a_verdict_shares_the_payment_out_whole(held: Money, choice: st.DataObject) -> None:
    refund, release = held.split((choice.draw(st.integers(0, 5)), choice.draw(st.integers(1, 5))))
    books = Books((charge_booking("charge", DELIVERY, held),))
    shares = price_shares(FeePolicy(), release)
    books.book(
        *verdict_bookings(DELIVERY, TRAVELER_ID, refund, shares, refund_key="r", release_key="t")
    )
    assert books.of(AccountKind.ESCROW, DELIVERY) == 0
    assert books.of(AccountKind.PROVIDER_CASH) == release.amount_minor


@given(payments, payments)
def test_a_burden_takes_what_is_held_and_the_rest_is_owed(amount: Money, held: Money) -> None:
    held = Money(held.amount_minor, amount.currency)
    for burden, account in (
        (platform_bears(amount, held), AccountKind.PLATFORM_LOSS),
        (traveler_bears(TRAVELER_ID, amount, held), AccountKind.TRAVELER_DUES),
        (customer_bears(CUSTOMER_ID, amount, held), AccountKind.CUSTOMER_DUES),
    ):
        assert burden.amount == amount
        assert burden.held.amount_minor == min(amount.amount_minor, held.amount_minor)
        taken, rest = burden.debits(DELIVERY)
        assert (taken.account.kind, rest.account.kind) == (AccountKind.ESCROW, account)


def test_a_burden_is_of_one_currency() -> None:
    with pytest.raises(CurrencyMismatch):
        platform_bears(PRICE, Money(1, "USD"))


def test_debts_are_netted_in_order_and_never_beyond_the_payout() -> None:
    dues = [
        Due(DELIVERY, eur(300)),
        Due(OTHER_DELIVERY, Money(999, "USD")),
        Due(OTHER_DELIVERY, eur(300)),
    ]
    assert netting_of(eur(500), dues) == (Due(DELIVERY, eur(300)), Due(OTHER_DELIVERY, eur(200)))
    assert netting_of(eur(0), dues) == ()
    assert netting_of(eur(9_000), dues) == (dues[0], dues[2])


def test_the_platform_owes_itself_nothing() -> None:
    with pytest.raises(ValueError, match="owes itself nothing"):
        write_off_booking("w", DELIVERY, Bearer.PLATFORM, TRAVELER_ID, PRICE)


def test_an_account_grows_on_its_own_side() -> None:
    for kind in AccountKind:
        assert Account(kind).sign == (1 if kind in DEBIT_NORMAL else -1)
