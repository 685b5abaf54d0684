"""Lines and bookings are matched one to one, and what is left is named for what it is."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.ledger import (
    Due,
    authorisation_booking,
    charge_booking,
    chargeback_booking,
    chargeback_won_booking,
    netting_bookings,
    payout_booking,
    provider_fee_booking,
    refund_booking,
    release_booking,
    undo_booking,
)
from domain.ledger.transactions import LedgerTransaction
from domain.reconciliation.differences import (
    AmountDiffers,
    BookedTwice,
    MissingAtProvider,
    MissingInLedger,
    MovedTwice,
)
from domain.reconciliation.lines import LineKind
from tests.domain.builders import DELIVERY, NOW, OTHER_DELIVERY
from tests.domain.ledger.steps import TRAVELER_ID
from tests.domain.reconciliation.sides import HOUR, Sides, booked, euros, line

CHARGE, REFUND, TRANSFER = f"{DELIVERY}:charge", f"{DELIVERY}:refund", f"{DELIVERY}:transfer"
CHARGED = charge_booking(CHARGE, DELIVERY, euros(4_200))
FEE = provider_fee_booking(f"{CHARGE}:fee", DELIVERY, euros(88))
REFUNDED = refund_booking(REFUND, DELIVERY, euros(4_200))
RELEASED = release_booking(TRANSFER, DELIVERY, TRAVELER_ID, euros(3_780), euros(420))


def charged(**more: object) -> Sides:
    """A charge on both sides, with its fee."""
    return Sides(
        [line(1, LineKind.CHARGE, 4_200, CHARGE, fee_minor=88)],
        [booked(CHARGED), booked(FEE, CHARGE)],
        **more,  # type: ignore[arg-type]
    )


def test_a_charge_and_its_fee_are_one_line_and_two_bookings() -> None:
    matching = charged().match()
    assert matching.differences == ()
    assert [(pair.movement.key, pair.booked[0].key) for pair in matching.pairs] == [
        ("txn_1", CHARGE),
        ("txn_1:fee", f"{CHARGE}:fee"),
    ]


def test_what_is_on_one_side_only_is_missing_on_the_other() -> None:
    sides = charged()
    sides.lines.append(line(2, LineKind.REFUND, -100, related=["charge_1"]))
    sides.booked.append(booked(RELEASED))
    found, absent = sides.match().differences
    assert isinstance(found, MissingInLedger)
    assert found.movement.line.line_id == "txn_2"
    assert isinstance(absent, MissingAtProvider)
    assert absent.booked.key == TRANSFER


def test_a_charge_that_is_missing_with_its_fee_is_one_difference() -> None:
    whole = charged()
    assert len(Sides(whole.lines, []).match().differences) == 1
    assert len(Sides([], whole.booked).match().differences) == 1


def test_a_fee_that_was_never_booked_is_a_difference_of_its_own() -> None:
    sides = charged()
    del sides.booked[1]
    (found,) = sides.match().differences
    assert isinstance(found, MissingInLedger)
    assert (found.movement.key, found.movement.amount) == ("txn_1:fee", euros(-88))


def test_another_amount_is_not_two_missing_movements() -> None:
    sides = Sides([line(1, LineKind.REFUND, -4_000, REFUND)], [booked(REFUNDED)])
    (found,) = sides.match().differences
    assert isinstance(found, AmountDiffers)
    assert (found.movement.amount, found.booked.change) == (euros(-4_000), euros(-4_200))


def test_what_was_moved_twice_for_one_operation_is_said_so() -> None:
    sides = Sides(
        [
            line(1, LineKind.TRANSFER, -3_780, TRANSFER),
            line(2, LineKind.TRANSFER, -3_780, TRANSFER),
        ],
        [booked(RELEASED)],
    )
    (found,) = sides.match().differences
    assert isinstance(found, MovedTwice)
    assert (found.movement.key, found.before.key) == ("txn_2", "txn_1")


def test_what_was_booked_twice_for_one_object_is_said_so() -> None:
    again = charge_booking(f"{DELIVERY}:capture", DELIVERY, euros(4_200))
    sides = Sides(
        [line(1, LineKind.CHARGE, 4_200, CHARGE, "ch_1")],
        [booked(CHARGED, made=["ch_1"]), booked(again, made=["ch_1"], age=HOUR / 2)],
    )
    (found,) = sides.match().differences
    assert isinstance(found, BookedTwice)
    assert found.booked.key == again.key


def test_a_capture_is_known_by_its_charge_though_the_charge_names_the_authorisation() -> None:
    capture = charge_booking(f"{DELIVERY}:capture", DELIVERY, euros(4_200))
    operations = f"{DELIVERY}:capture", f"{DELIVERY}:authorise"
    noted = authorisation_booking(f"{DELIVERY}:authorise", DELIVERY, euros(4_200))
    sides = Sides(
        [line(1, LineKind.CHARGE, 4_200, f"{DELIVERY}:authorise")],
        [booked(capture, *operations), booked(noted)],
    )
    matching = sides.match()
    assert matching.differences == ()
    assert [pair.booked[0].key for pair in matching.pairs] == [capture.key]


def test_of_several_refunds_of_one_operation_the_one_that_lasted_is_booked() -> None:
    sides = Sides(
        [
            line(1, LineKind.REFUND, -4_200, REFUND, "re_1"),
            line(2, LineKind.REFUND_FAILURE, 4_200, REFUND, "re_1"),
            line(3, LineKind.REFUND, -4_200, REFUND, "re_2"),
        ],
        [booked(REFUNDED, made=["re_2"])],
    )
    matching = sides.match()
    assert matching.differences == ()
    assert [pair.movement.key for pair in matching.pairs] == ["txn_3"]
    assert [each.key for each in matching.came_back] == ["txn_1", "txn_2"]


def test_a_refund_that_was_undone_is_booked_both_ways() -> None:
    undone = undo_booking(f"{REFUND}:undone", REFUNDED)
    sides = Sides(
        [
            line(1, LineKind.REFUND, -4_200, REFUND, "re_1"),
            line(2, LineKind.REFUND_FAILURE, 4_200, REFUND, "re_1"),
        ],
        [booked(REFUNDED, made=["re_1"]), booked(undone, REFUND, made=["re_1"])],
    )
    assert sides.match().differences == ()
    del sides.booked[1]
    (found,) = sides.match().differences
    assert isinstance(found, MissingInLedger)
    assert found.movement.kind is LineKind.REFUND_FAILURE


def test_one_reversal_pays_several_debts() -> None:
    debts = [Due(OTHER_DELIVERY, euros(400)), Due(DELIVERY, euros(100))]
    pairs = [
        netting_bookings(f"{DELIVERY}:reversal:{number}", DELIVERY, TRAVELER_ID, debt)
        for number, debt in enumerate(debts)
    ]
    sides = Sides(
        [line(1, LineKind.TRANSFER_REVERSAL, 500, f"{DELIVERY}:reversal")],
        [booked(part, f"{DELIVERY}:reversal") for pair in pairs for part in pair],
    )
    matching = sides.match()
    assert matching.differences == ()
    assert len(matching.pairs[0].booked) == 2
    sides.lines = [line(1, LineKind.TRANSFER_REVERSAL, 400, f"{DELIVERY}:reversal")]
    assert sides.match().differences != ()


@pytest.mark.parametrize(
    ("kind", "booking"),
    [
        (LineKind.CHARGEBACK, chargeback_booking("any key", DELIVERY, euros(4_200))),
        (LineKind.CHARGEBACK_REVERSAL, chargeback_won_booking("any key", DELIVERY, euros(4_200))),
        (LineKind.FEE, provider_fee_booking("any key", DELIVERY, euros(2_000))),
    ],
)
def test_what_no_operation_made_is_known_by_its_delivery_and_amount(
    kind: LineKind, booking: LedgerTransaction
) -> None:
    known = booked(booking, "")
    assert Sides([line(1, kind, known.change.amount_minor)], [known]).match().differences == ()
    elsewhere = line(1, kind, known.change.amount_minor, delivery_id=OTHER_DELIVERY)
    assert len(Sides([elsewhere], [known]).match().differences) == 2


def test_a_refund_by_hand_is_never_taken_for_one_of_ours() -> None:
    sides = Sides(
        [line(1, LineKind.REFUND, -4_200, related=["pi_1"])], [booked(REFUNDED, made=["re_ours"])]
    )
    kinds = {type(each) for each in sides.match().differences}
    assert kinds == {MissingInLedger, MissingAtProvider}


def test_what_is_young_or_under_way_waits() -> None:
    sides = Sides([line(1, LineKind.REFUND, -4_200, REFUND)], [booked(RELEASED)])
    assert len(sides.match(NOW - HOUR).differences) == 2
    young = sides.match(NOW - HOUR - timedelta(seconds=1))
    assert young.differences == ()
    assert [each.key for each in young.waiting_movements] == ["txn_1"]
    assert [each.key for each in young.waiting_booked] == [TRANSFER]
    sides.under_way = frozenset({REFUND})
    (found,) = sides.match().differences
    assert isinstance(found, MissingAtProvider)


def test_a_payout_is_looked_for_only_where_the_statement_shows_payouts() -> None:
    paid = booked(payout_booking(f"{DELIVERY}:payout", DELIVERY, TRAVELER_ID, euros(3_780)))
    assert len(Sides([], [paid]).match().differences) == 1
    assert Sides([], [paid], covers_payouts=False).match().differences == ()
