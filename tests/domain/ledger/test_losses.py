"""Who bears a lost chargeback, and what is called back before that."""

from __future__ import annotations

import pytest

from domain.ids import DeliveryId, PersonId
from domain.ledger import (
    AccountKind,
    Bearer,
    ChargebackLost,
    DeliveryBooks,
    LedgerTransaction,
    TransferRecalled,
    borne_refund_booking,
    charge_booking,
    chargeback_booking,
    completed,
    kept_by_traveler,
    payout_booking,
    recall_due,
    refund_booking,
    release_booking,
    reversal_booking,
    totals_of,
    traveler_bears,
)
from domain.money import Money

DELIVERY, TRAVELER, CUSTOMER = DeliveryId("d"), PersonId("t"), PersonId("c")
PRICE, FEE, NOTHING = Money(4_200, "EUR"), Money(420, "EUR"), Money(0, "EUR")
SHARE = PRICE - FEE
CHARGED = (charge_booking("d:charge", DELIVERY, PRICE),)
RELEASED = (*CHARGED, release_booking("d:transfer", DELIVERY, TRAVELER, SHARE, FEE))
PAID_OUT = (*RELEASED, payout_booking("d:payout", DELIVERY, TRAVELER, SHARE))
RECALL = TransferRecalled("d:reversal", DELIVERY, TRAVELER, SHARE, from_account=False)

Books = tuple[LedgerTransaction, ...]


def books(known: Books) -> DeliveryBooks:
    return DeliveryBooks(known, NOTHING)


def lost(known: Books, amount: Money, **terms: object) -> dict[str, int]:
    """Book a chargeback and its loss, and return what became of it, account by account."""
    known += (chargeback_booking("cb:taken", DELIVERY, amount),)
    order = ChargebackLost("cb:lost", DELIVERY, amount, **terms)  # type: ignore[arg-type]
    booked = completed((order,), books(known))
    after = books(known + booked)
    assert totals_of(after.transactions, "EUR").is_whole
    assert after.on(AccountKind.DISPUTED_FUNDS) == NOTHING
    kinds = ("escrow", "traveler_dues", "customer_dues", "platform_loss")
    return {kind: minor for kind in kinds if (minor := after.on(AccountKind(kind)).amount_minor)}


def test_before_the_release_the_held_payment_covers_it() -> None:
    assert lost(CHARGED, PRICE, traveler_id=TRAVELER) == {}
    assert lost(CHARGED, PRICE, traveler_id=None) == {}


def test_a_part_leaves_the_rest_held() -> None:
    assert lost(CHARGED, Money(1_000, "EUR"), traveler_id=TRAVELER) == {"escrow": 3_200}


def test_another_payment_is_covered_by_no_more_than_what_was_called_back_for_it() -> None:
    terms = {"traveler_id": None, "of_held_at_most": Money(200, "EUR")}
    expected = {"escrow": 4_000, "platform_loss": 400}
    assert lost(CHARGED, Money(600, "EUR"), **terms) == expected


def test_after_the_release_the_traveler_owes_what_the_traveler_got() -> None:
    expected = {"traveler_dues": 3_780, "platform_loss": 420}
    assert lost(PAID_OUT, PRICE, traveler_id=TRAVELER) == expected


def test_some_reasons_are_the_platforms() -> None:
    assert lost(PAID_OUT, PRICE, traveler_id=None) == {"platform_loss": 4_200}


def test_what_was_recalled_is_held_and_covers_it() -> None:
    known = RELEASED + completed((RECALL,), books(RELEASED))
    assert lost(known, PRICE, traveler_id=TRAVELER) == {"platform_loss": 420}


def test_what_the_recall_could_not_cover_stays_owed() -> None:
    known = PAID_OUT + completed((RECALL,), books(PAID_OUT))
    expected = {"traveler_dues": 3_780, "platform_loss": 420}
    assert lost(known, PRICE, traveler_id=TRAVELER) == expected


@pytest.mark.parametrize(
    ("bearer", "person_id", "expected"),
    [
        (Bearer.PLATFORM, None, {"platform_loss": 1_220}),
        (Bearer.CUSTOMER, CUSTOMER, {"customer_dues": 1_220}),
        (Bearer.TRAVELER, TRAVELER, {"traveler_dues": 1_220}),
    ],
)
def test_what_nothing_covers_is_borne_by_whom_staff_name(
    bearer: Bearer, person_id: PersonId | None, expected: dict[str, int]
) -> None:
    more = PRICE + Money(800, "EUR")
    known = RELEASED + completed((RECALL,), books(RELEASED))
    terms = {"traveler_id": TRAVELER, "rest_bearer": bearer, "rest_person_id": person_id}
    assert lost(known, more, **terms) == expected


def test_a_split_is_charged_back_only_as_far_as_it_went_to_the_traveler() -> None:
    back, fee = Money(1_200, "EUR"), Money(300, "EUR")
    known = (
        *CHARGED,
        refund_booking("d:refund", DELIVERY, back),
        release_booking("d:transfer", DELIVERY, TRAVELER, PRICE - back - fee, fee),
    )
    expected = {"traveler_dues": 2_700, "platform_loss": 300}
    assert lost(known, PRICE - back, traveler_id=TRAVELER) == expected


def test_a_traveler_answers_for_the_same_money_only_once() -> None:
    ten = Money(1_000, "EUR")
    owed = borne_refund_booking("d:goodwill", DELIVERY, traveler_bears(TRAVELER, ten))
    taken = reversal_booking("d:reversal:g", DELIVERY, TRAVELER, ten, ten)
    for known in ((*RELEASED, owed), (*RELEASED, owed, taken)):
        assert kept_by_traveler(books(known)) == SHARE - ten


@pytest.mark.parametrize(
    ("known", "taken", "due"),
    [
        (CHARGED, PRICE, NOTHING),
        (RELEASED, PRICE, SHARE),
        (RELEASED, Money(1_000, "EUR"), Money(1_000, "EUR")),
        (PAID_OUT, PRICE + PRICE, SHARE),
        (RELEASED + completed((RECALL,), books(RELEASED)), PRICE, NOTHING),
    ],
)
def test_what_is_not_held_any_more_is_called_back(known: Books, taken: Money, due: Money) -> None:
    assert recall_due(books(known), taken) == due
