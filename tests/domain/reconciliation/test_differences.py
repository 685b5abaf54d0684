"""Each difference is one item that names ids and amounts, and is the same item every time."""

from __future__ import annotations

from dataclasses import replace

from domain.attention import AttentionKind
from domain.ledger import charge_booking
from domain.reconciliation.differences import (
    ITEM_PREFIX,
    AmountDiffers,
    BalanceDiffers,
    BookedTwice,
    MissingAtProvider,
    MissingInLedger,
    MovedTwice,
    deals_with,
    item_of,
    movements_of,
)
from domain.reconciliation.lines import LineKind
from tests.domain.builders import DELIVERY
from tests.domain.reconciliation.sides import booked, euros, line

CHARGE = f"{DELIVERY}:charge"
BOOKED = booked(charge_booking(CHARGE, DELIVERY, euros(4_200)), made=["pi_1"])
MOVED, FEE = movements_of(line(1, LineKind.CHARGE, 4_200, CHARGE, "ch_1", fee_minor=88))
ALL = (
    MissingInLedger(MOVED),
    MissingInLedger(FEE),
    MissingAtProvider(BOOKED),
    AmountDiffers(MOVED, BOOKED),
    BookedTwice(BOOKED, MOVED),
    MovedTwice(MOVED, MOVED),
    BalanceDiffers("EUR", 5, 7),
)


def test_every_difference_is_an_item_of_its_own() -> None:
    items = [item_of("stripe", each) for each in ALL]
    assert len({item.key for item in items}) == len(ALL)
    assert all(item.key.startswith(ITEM_PREFIX) for item in items)
    assert {item.delivery_id for item in items[:-1]} == {DELIVERY}
    assert item_of("sandbox", ALL[0]).key != items[0].key


def test_the_words_say_what_moved_and_what_did_not() -> None:
    item = item_of("stripe", MissingInLedger(MOVED))
    assert (item.kind, item.subject) == (AttentionKind.MISSING_IN_LEDGER, "charge ch_1")
    assert item.problem == (
        "The provider's line txn_1 moved EUR 42.00, with a fee of EUR 0.88, and nothing is booked."
    )
    assert item_of("stripe", MissingInLedger(FEE)).subject == "fee of the charge ch_1"
    differs = item_of("stripe", AmountDiffers(MOVED, BOOKED)).problem
    assert differs == (
        f"The provider moved EUR 42.00 and the booking of a charge {CHARGE} books EUR 42.00."
    )


def test_a_delivery_that_another_system_wrote_on_an_object_is_left_out() -> None:
    foreign = replace(MOVED, line=replace(MOVED.line, delivery_id="order 7 of Ada"))
    item = item_of("stripe", MissingInLedger(foreign))
    assert item.delivery_id is None
    assert "Ada" not in f"{item.subject} {item.problem}"


def test_a_difference_says_what_it_deals_with() -> None:
    assert deals_with(MissingInLedger(MOVED)) == {"ch_1", CHARGE}
    assert deals_with(MissingAtProvider(BOOKED)) == {CHARGE, "pi_1"}
    assert deals_with(BalanceDiffers("EUR", 5, 7)) == frozenset()
