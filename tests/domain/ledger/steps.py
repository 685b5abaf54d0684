"""One example of every booking there is, for the table in the documents and the tests."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.ids import PersonId
from domain.ledger import (
    Bearer,
    DeliveryBooks,
    Due,
    DuesNetted,
    LedgerTransaction,
    ReleasedAgain,
    authorisation_booking,
    authorisation_release_booking,
    borne_refund_booking,
    cancellation_bookings,
    cancellation_shares,
    charge_booking,
    charge_undone_booking,
    chargeback_booking,
    chargeback_lost_booking,
    chargeback_won_booking,
    compensation_booking,
    customer_bears,
    dues_booking,
    dues_paid_booking,
    netting_bookings,
    payout_booking,
    platform_bears,
    platform_compensation_booking,
    provider_fee_booking,
    provider_fee_return_booking,
    recall_booking,
    refund_booking,
    refund_undone_booking,
    release_booking,
    reserve_booking,
    reserve_release_booking,
    reversal_booking,
    surplus_returned_booking,
    tip_booking,
    tip_release_booking,
    tip_undone_booking,
    traveler_bears,
    traveler_no_show_booking,
    undo_booking,
    verdict_bookings,
    write_off_booking,
)
from domain.money import Money
from domain.policies import FeePolicy
from domain.pricing import price_shares
from tests.domain.builders import DELIVERY, OTHER_DELIVERY, PRICE

TRAVELER_ID = PersonId("traveler")
CUSTOMER_ID = PersonId("customer")
SHARES = price_shares(FeePolicy(), PRICE)


def eur(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


@dataclass(frozen=True)
class Step:
    """What happens, and what is booked for it."""

    name: str
    transactions: tuple[LedgerTransaction, ...]


def _step(name: str, transactions: LedgerTransaction | Iterable[LedgerTransaction]) -> Step:
    if isinstance(transactions, LedgerTransaction):
        return Step(name, (transactions,))
    return Step(name, tuple(transactions))


_CHARGE = charge_booking("charge", DELIVERY, PRICE)
_REFUND = refund_booking("refund", DELIVERY, PRICE)
_PAYOUT = payout_booking("payout", DELIVERY, TRAVELER_ID, SHARES.traveler)
_CANCELLED = cancellation_shares(PRICE, 2_000, 500)
_NETTED = DuesNetted("n", OTHER_DELIVERY, TRAVELER_ID, eur(400), (Due(DELIVERY, eur(400)),))
_RECALLED = recall_booking("r", DELIVERY, TRAVELER_ID, eur(1_000), covered=eur(600))
_AGAIN = ReleasedAgain("again", "r", DELIVERY, TRAVELER_ID, eur(1_000))
_SPLIT_KEYS = {"refund_key": "refund", "release_key": "release"}

WAY_IN = (
    _step("A card is authorised", authorisation_booking("a", DELIVERY, PRICE)),
    _step(
        "An authorisation is captured, voided or expires",
        authorisation_release_booking("a", DELIVERY, PRICE),
    ),
    _step("The payment is captured, at acceptance or at pickup", _CHARGE),
    _step("The provider keeps its fee", provider_fee_booking("f", DELIVERY, eur(93))),
    _step("The provider gives a fee back", provider_fee_return_booking("f", DELIVERY, eur(93))),
    _step(
        "A captured payment fails after all, while it is held",
        charge_undone_booking("u", DELIVERY, customer_bears(CUSTOMER_ID, PRICE, held=PRICE)),
    ),
    _step(
        "A captured payment fails after it was released",
        charge_undone_booking("u", DELIVERY, customer_bears(CUSTOMER_ID, PRICE)),
    ),
    _step("A tip is paid", tip_booking("t", DELIVERY, eur(500))),
    _step(
        "A tip fails after all; 2.00 of it were not sent yet",
        tip_undone_booking("u", DELIVERY, eur(500), eur(200)),
    ),
    _step(
        "A customer owes what could not be charged",
        dues_booking("d", DELIVERY, CUSTOMER_ID, eur(840)),
    ),
)

WAY_OUT = (
    _step("A release begins", reserve_booking("r", DELIVERY, PRICE)),
    _step("A release is given up", reserve_release_booking("r", DELIVERY, PRICE)),
    _step(
        "The payment is released",
        release_booking("r", DELIVERY, TRAVELER_ID, SHARES.traveler, SHARES.fee),
    ),
    _step(
        "The payment is released out of a reserve",
        release_booking("r", DELIVERY, TRAVELER_ID, SHARES.traveler, SHARES.fee, reserved=True),
    ),
    _step("The traveler is paid out", _PAYOUT),
    _step("A payout comes back from the bank", undo_booking("u", _PAYOUT)),
    _step("The payment is refunded before anything was earned", _REFUND),
    _step(
        "A refund fails, whoever bears it: it waits to be refunded again",
        refund_undone_booking("u", DELIVERY, PRICE),
    ),
    _step(
        "A delivery is cancelled late, or the sender does not show up: "
        "20 % compensation, 5 % fee, the rest goes back",
        cancellation_bookings(
            DELIVERY, TRAVELER_ID, _CANCELLED, refund_key="r", compensation_key="c"
        ),
    ),
    _step("The traveler does not show up", traveler_no_show_booking("n", DELIVERY, PRICE)),
    _step(
        "The platform compensates a traveler",
        platform_compensation_booking("c", DELIVERY, TRAVELER_ID, eur(840)),
    ),
    _step(
        "A verdict splits the payment: 12.00 back, 30.00 released",
        verdict_bookings(
            DELIVERY,
            TRAVELER_ID,
            eur(1_200),
            price_shares(FeePolicy(), eur(3_000)),
            **_SPLIT_KEYS,
        ),
    ),
    _step("A tip is transferred", tip_release_booking("t", DELIVERY, TRAVELER_ID, eur(500))),
)

LATE = (
    _step(
        "Goodwill after the release: 10.00",
        borne_refund_booking("g", DELIVERY, platform_bears(eur(1_000))),
    ),
    _step(
        "A refund that the traveler bears after the release: 10.00",
        borne_refund_booking("g", DELIVERY, traveler_bears(TRAVELER_ID, eur(1_000))),
    ),
    _step(
        "The transfer is reversed for it; 6.00 were not paid out yet",
        reversal_booking("r", DELIVERY, TRAVELER_ID, eur(1_000), covered=eur(600)),
    ),
    _step(
        "A transfer is called back to be frozen; 6.00 were not paid out yet",
        _RECALLED,
    ),
    _step(
        "A later payout pays the traveler's debt: one booking for each delivery",
        netting_bookings("n", OTHER_DELIVERY, TRAVELER_ID, Due(DELIVERY, eur(400))),
    ),
    _step(
        "4.00 were kept back, and 3.00 of the debt had been paid meanwhile: they go back",
        (
            *_NETTED.completed(DeliveryBooks((), eur(0), (Due(DELIVERY, eur(100)),))),
            surplus_returned_booking("back", OTHER_DELIVERY, TRAVELER_ID, eur(300)),
        ),
    ),
    _step(
        "A traveler pays a debt",
        dues_paid_booking("p", DELIVERY, Bearer.TRAVELER, TRAVELER_ID, eur(400)),
    ),
    _step(
        "A customer pays a debt",
        dues_paid_booking("p", DELIVERY, Bearer.CUSTOMER, CUSTOMER_ID, eur(840)),
    ),
    _step(
        "A debt is written off",
        write_off_booking("w", DELIVERY, Bearer.TRAVELER, TRAVELER_ID, eur(400)),
    ),
    _step("A chargeback takes the funds", chargeback_booking("c", DELIVERY, PRICE)),
    _step("The chargeback is won", chargeback_won_booking("c", DELIVERY, PRICE)),
    _step(
        "What was called back is released again, and pays the 4.00 that were owed for it",
        _AGAIN.completed(DeliveryBooks((_RECALLED,), eur(0))),
    ),
    _step(
        "It is lost before the release: the held payment covers it",
        chargeback_lost_booking("c", DELIVERY, traveler_bears(TRAVELER_ID, PRICE, held=PRICE)),
    ),
    _step(
        "It is lost after the release and the traveler bears it",
        chargeback_lost_booking("c", DELIVERY, traveler_bears(TRAVELER_ID, PRICE)),
    ),
    _step(
        "It is lost after the release and the customer bears it",
        chargeback_lost_booking("c", DELIVERY, customer_bears(CUSTOMER_ID, PRICE)),
    ),
    _step(
        "It is lost and the platform bears it",
        chargeback_lost_booking("c", DELIVERY, platform_bears(PRICE)),
    ),
    _step(
        "It is lost and larger than the payment by 8.00: the platform bears what is not held",
        chargeback_lost_booking("c", DELIVERY, platform_bears(PRICE + eur(800), held=PRICE)),
    ),
)

STEPS = (*WAY_IN, *WAY_OUT, *LATE)

COMPENSATED = compensation_booking(
    "c", DELIVERY, TRAVELER_ID, _CANCELLED.compensation, _CANCELLED.fee
)
