"""Whatever both sides tell: each movement ends in one place, and what was broken is what is found."""

from __future__ import annotations

from collections import Counter
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from domain.ledger import BookingKind
from domain.reconciliation.bookings import Booked
from domain.reconciliation.differences import AmountDiffers, item_of, movements_of
from domain.reconciliation.lines import BalanceLine
from tests.domain.builders import NOW
from tests.domain.reconciliation.histories import histories
from tests.domain.reconciliation.sides import HOUR, Sides


@given(histories())
def test_two_sides_that_agree_leave_nothing_over(sides: Sides) -> None:
    matching = sides.match()
    assert matching.differences == ()
    assert not matching.waiting_movements
    assert not matching.waiting_booked
    assert Counter(each.key for pair in matching.pairs for each in pair.booked) == Counter(
        each.key for each in sides.booked if each.change.amount_minor
    )


@given(histories(), st.data())
def test_each_movement_and_each_booking_ends_in_one_place(
    sides: Sides, chosen: st.DataObject
) -> None:
    sides.lines = [each for each in sides.lines if chosen.draw(st.booleans())]
    sides.booked = [each for each in sides.booked if chosen.draw(st.booleans())]
    # Everything waits, so that no fee is left out beside the line that it belongs to.
    matching = sides.match(NOW - 2 * HOUR)
    found = [pair.movement for pair in matching.pairs]
    found += [*matching.came_back, *matching.waiting_movements]
    kept = [each for pair in matching.pairs for each in pair.booked] + [*matching.waiting_booked]
    for each in matching.differences:
        assert isinstance(each, AmountDiffers)
        found.append(each.movement)
        kept.append(each.booked)
    expected = Counter(part.key for line in sides.lines for part in movements_of(line))
    assert Counter(each.key for each in found) == expected
    assert Counter(each.key for each in kept) == Counter(
        each.key for each in sides.booked if each.change.amount_minor
    )
    for pair in matching.pairs:
        assert sum(each.change.amount_minor for each in pair.booked) == (
            pair.movement.amount.amount_minor
        )
    assert sum(each.amount.amount_minor for each in matching.came_back) == 0


@given(histories(), st.data())
def test_what_is_taken_from_one_side_is_the_one_difference(
    sides: Sides, chosen: st.DataObject
) -> None:
    if chosen.draw(st.booleans()):
        told: list[Any] = sides.lines
    else:
        told = sides.booked = [each for each in sides.booked if each.change.amount_minor]
    if told:
        gone = told.pop(chosen.draw(st.integers(0, len(told) - 1)))
        debts = [each for each in sides.booked if _is_paid_by(each, gone)]
        assert len(sides.match().differences) == max(1, len(debts))


@given(histories(), st.data())
def test_the_order_in_which_things_are_told_changes_nothing(
    sides: Sides, chosen: st.DataObject
) -> None:
    sides.lines = [each for each in sides.lines if chosen.draw(st.booleans())]
    before = keys_of(sides)
    sides.lines.reverse()
    sides.booked.reverse()
    assert keys_of(sides) == before


def keys_of(sides: Sides) -> list[str]:
    return sorted(item_of("sandbox", each).key for each in sides.match().differences)


def _is_paid_by(booked: Booked, gone: BalanceLine | Booked) -> bool:
    """Tell whether a debt is paid by the reversal that is gone: each debt is booked by itself."""
    is_netting = booked.kind is BookingKind.NETTING and booked.change.amount_minor > 0
    return (
        isinstance(gone, BalanceLine) and is_netting and gone.operation_id in booked.operation_ids
    )
