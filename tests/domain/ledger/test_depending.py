"""Bookings that are completed by what stands in the books when they are made."""

from __future__ import annotations

from domain.ids import DeliveryId, PersonId
from domain.ledger import (
    AccountKind,
    DeliveryBooks,
    Due,
    LedgerTransaction,
    OpenBooking,
    ReleasedAgain,
    TransferRecalled,
    charge_booking,
    completed,
    netting_bookings,
    payout_booking,
    release_booking,
    totals_of,
)
from domain.money import Money

DELIVERY, OTHER, TRAVELER = DeliveryId("d"), DeliveryId("o"), PersonId("t")
PRICE, FEE = Money(4_200, "EUR"), Money(420, "EUR")
SHARE = PRICE - FEE
NOTHING = Money(0, "EUR")
RELEASED = (
    charge_booking("d:charge", DELIVERY, PRICE),
    release_booking("d:transfer", DELIVERY, TRAVELER, SHARE, FEE),
)
PAID_OUT = (*RELEASED, payout_booking("d:payout", DELIVERY, TRAVELER, SHARE))


def recall(amount: Money = SHARE, *, from_account: bool = False) -> TransferRecalled:
    return TransferRecalled("d:reversal", DELIVERY, TRAVELER, amount, from_account)


def again(amount: Money = SHARE) -> ReleasedAgain:
    return ReleasedAgain("d:transfer:c", "d:reversal", DELIVERY, TRAVELER, amount)


def after(
    known: tuple[LedgerTransaction, ...], *orders: OpenBooking, under_way: Money = NOTHING
) -> DeliveryBooks:
    """Return the books after some orders, one by one; they always add up."""
    for order in orders:
        known += completed((order,), DeliveryBooks(known, under_way))
    assert totals_of(known, "EUR").is_whole
    return DeliveryBooks(known, under_way)


def standing(books: DeliveryBooks) -> dict[str, int]:
    """Return what is held, owed to the traveler and owed by the traveler."""
    kinds = AccountKind.ESCROW, AccountKind.TRAVELER_PAYABLE, AccountKind.TRAVELER_DUES
    return {kind.value: books.on(kind).amount_minor for kind in kinds}


def test_what_is_still_with_the_traveler_covers_a_recall() -> None:
    books = after(RELEASED, recall())
    assert standing(books) == {"escrow": 3_780, "traveler_payable": 0, "traveler_dues": 0}


def test_the_traveler_owes_what_was_paid_out_already() -> None:
    books = after(PAID_OUT, recall())
    assert standing(books) == {"escrow": 3_780, "traveler_payable": 0, "traveler_dues": 3_780}


def test_a_payout_under_way_may_have_taken_it() -> None:
    books = after(RELEASED, recall(), under_way=Money(3_000, "EUR"))
    assert standing(books) == {"escrow": 3_780, "traveler_payable": 3_000, "traveler_dues": 3_000}


def test_what_an_account_could_give_back_was_not_paid_out_to_its_bank() -> None:
    books = after(PAID_OUT, recall(from_account=True))
    assert standing(books) == {"escrow": 3_780, "traveler_payable": 0, "traveler_dues": 0}
    assert books.transactions[-2].kind == "payout_undone"


def test_releasing_again_pays_what_the_recall_left_owed() -> None:
    books = after(PAID_OUT, recall(), again())
    assert standing(books) == {"escrow": 0, "traveler_payable": 0, "traveler_dues": 0}
    assert books.on(AccountKind.FEE_REVENUE) == FEE


def test_a_debt_that_another_payout_has_paid_is_not_paid_twice() -> None:
    recalled = after(PAID_OUT, recall()).transactions
    _, paid = netting_bookings("o:netting", OTHER, TRAVELER, Due(DELIVERY, Money(1_000, "EUR")))
    books = after((*recalled, paid), again())
    assert standing(books) == {"escrow": 0, "traveler_payable": 1_000, "traveler_dues": 0}


def test_nothing_is_owed_where_the_recall_was_covered() -> None:
    books = after(RELEASED, recall(), again())
    assert standing(books) == {"escrow": 0, "traveler_payable": 3_780, "traveler_dues": 0}
