"""The tables of legal moves: nothing gets stuck, and money has one outcome."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from itertools import product
from typing import Any

import pytest

from domain.status import (
    BEFORE_PICKUP,
    CLOSED,
    DELIVERY_MOVES,
    DISPUTE_MOVES,
    ESCROW_MOVES,
    IN_CUSTODY,
    DeliveryStatus,
    DisputeStatus,
    EscrowStatus,
    IllegalMove,
    require_move,
)

TABLES: list[tuple[type[StrEnum], Mapping[Any, frozenset[Any]]]] = [
    (DeliveryStatus, DELIVERY_MOVES),
    (EscrowStatus, ESCROW_MOVES),
    (DisputeStatus, DISPUTE_MOVES),
]
FINAL_ESCROW = {EscrowStatus.RELEASED, EscrowStatus.REFUNDED, EscrowStatus.SPLIT}
TAKEN = EscrowStatus.CHARGED_BACK
GONE_BACK = (EscrowStatus.REFUNDING, EscrowStatus.VOIDING)
NEVER_HELD = (EscrowStatus.HOLDING, EscrowStatus.SAVED, EscrowStatus.CAPTURING)
OF_ONE_PAYMENT = {
    old: following - {EscrowStatus.NONE} if old in GONE_BACK else following
    for old, following in ESCROW_MOVES.items()
}
"""The moves of one payment, without those that end it and open the delivery again."""


def reachable(moves: Mapping[Any, frozenset[Any]], start: StrEnum) -> set[Any]:
    """Return every status that can follow a status, however many moves away."""
    found: set[Any] = set()
    border = {start}
    while border:
        border = {new for old in border for new in moves[old]} - found
        found |= border
    return found


@pytest.mark.parametrize(("statuses", "moves"), TABLES)
def test_table_names_every_status_and_nothing_else(
    statuses: type[StrEnum], moves: Mapping[Any, frozenset[Any]]
) -> None:
    assert set(moves) == set(statuses)
    assert {new for following in moves.values() for new in following} <= set(statuses)


@pytest.mark.parametrize(("statuses", "moves"), TABLES)
def test_only_moves_of_the_table_are_legal(
    statuses: type[StrEnum], moves: Mapping[Any, frozenset[Any]]
) -> None:
    for old, new in product(statuses, statuses):
        if old == new or new in moves[old]:
            require_move(moves, old, new)
        else:
            with pytest.raises(IllegalMove, match=f"{old} cannot become {new}"):
                require_move(moves, old, new)


@pytest.mark.parametrize("status", sorted(set(DeliveryStatus) - CLOSED))
def test_every_open_delivery_has_a_way_to_close(status: DeliveryStatus) -> None:
    assert reachable(DELIVERY_MOVES, status) & CLOSED


def test_every_status_can_be_met() -> None:
    assert reachable(DELIVERY_MOVES, DeliveryStatus.REQUESTED) == set(DeliveryStatus)
    assert reachable(ESCROW_MOVES, EscrowStatus.NONE) == set(EscrowStatus)


def test_closed_deliveries_are_the_six_ends() -> None:
    assert {str(status) for status in CLOSED} == {
        "completed",
        "cancelled",
        "expired",
        "refunded",
        "settled",
        "charged_back",
    }


@pytest.mark.parametrize("outcome", sorted(FINAL_ESCROW))
def test_held_payment_has_at_most_one_outcome(outcome: EscrowStatus) -> None:
    assert reachable(ESCROW_MOVES, outcome) == set()
    (way_in,) = (old for old, following in ESCROW_MOVES.items() if outcome in following)
    ways_on = reachable(OF_ONE_PAYMENT, way_in)
    assert ways_on == {outcome, TAKEN}, "once money moves, only a card network can turn it"


def test_only_a_payment_that_went_back_whole_makes_room_for_another() -> None:
    assert set(GONE_BACK) == {
        old
        for old in EscrowStatus
        if EscrowStatus.NONE in ESCROW_MOVES[old] and old not in NEVER_HELD
    }


def test_a_payment_that_was_charged_back_goes_nowhere_else() -> None:
    assert reachable(ESCROW_MOVES, TAKEN) == set()
    assert reachable(DELIVERY_MOVES, DeliveryStatus.CHARGED_BACK) == set()


def test_only_a_charge_that_never_held_can_start_again() -> None:
    moves = OF_ONE_PAYMENT
    returning = {status for status in EscrowStatus if status in reachable(moves, status)}
    assert returning == {
        EscrowStatus.NONE,
        EscrowStatus.HOLDING,
        EscrowStatus.SAVED,
        EscrowStatus.AUTHORISED,
        EscrowStatus.CAPTURING,
    }


def test_dispute_is_decided_once() -> None:
    assert DISPUTE_MOVES[DisputeStatus.DECIDED] == frozenset()
    assert reachable(DISPUTE_MOVES, DisputeStatus.NONE) == {
        DisputeStatus.OPEN,
        DisputeStatus.DECIDED,
    }


def test_parcel_is_in_one_place() -> None:
    assert not BEFORE_PICKUP & IN_CUSTODY
    assert not (BEFORE_PICKUP | IN_CUSTODY) & CLOSED
    into_custody = {old for old in DeliveryStatus if DELIVERY_MOVES[old] & IN_CUSTODY} - IN_CUSTODY
    # Back from a handover that was undone, or into it by the pickup.
    assert into_custody == {DeliveryStatus.AWAITING_PICKUP, DeliveryStatus.DELIVERED}


def test_money_is_released_only_after_handover_return_verdict_or_late_cancellation() -> None:
    before = {
        releasing: {old for old in DeliveryStatus if releasing in DELIVERY_MOVES[old]}
        for releasing in (DeliveryStatus.RELEASING, DeliveryStatus.SETTLING)
    }
    assert before == {
        DeliveryStatus.RELEASING: {DeliveryStatus.DELIVERED, DeliveryStatus.DISPUTED},
        DeliveryStatus.SETTLING: {
            DeliveryStatus.AWAITING_PICKUP,
            DeliveryStatus.RETURNED,
            DeliveryStatus.DISPUTED,
        },
    }
