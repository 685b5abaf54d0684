"""Failed handovers: what follows, who may report what from where, and how a return is shared out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RefusalCode as Code
from domain.journey.contracts import LeaveParcel, ReportFailedHandover
from domain.journey.terms import HandoverObstacle as Why
from domain.journey.terms import JourneyPolicy
from domain.journey.terms import UndeliverableAction as A
from domain.journey.undeliverable import (
    JourneyState,
    check_failed_handover,
    check_leave,
    follow_up,
    return_shares,
)
from domain.lifecycle import DeliveryState
from domain.money import Money
from domain.status import DeliveryStatus as D
from tests.domain.builders import (
    EVERYBODY,
    ORDER,
    TRAVELER,
    payments,
    refusal_of,
    refusals_by_status,
    state_at,
)

NEAR_M, AWAY_M = 120, 501


@pytest.mark.parametrize(
    ("chosen", "obstacle", "failures", "expected"),
    [
        (A.RETURN, Why.RECIPIENT_ABSENT, 1, A.RETURN),
        (A.RETRY, Why.RECIPIENT_ABSENT, 1, A.RETRY),
        (A.RETRY, Why.RECIPIENT_ABSENT, 2, A.RETRY),
        (A.RETRY, Why.RECIPIENT_ABSENT, 3, A.RETURN),
        (A.RETRY, Why.WRONG_ADDRESS, 1, A.RETRY),
        (A.RETRY, Why.RECIPIENT_REFUSES, 1, A.RETURN),
        (A.RETRY, Why.PARCEL_DAMAGED, 1, A.RETURN),
        (A.NEIGHBOUR, Why.RECIPIENT_ABSENT, 1, A.NEIGHBOUR),
        (A.NEIGHBOUR, Why.WRONG_ADDRESS, 1, A.RETURN),
        (A.SAFE_PLACE, Why.RECIPIENT_ABSENT, 1, A.SAFE_PLACE),
        (A.SAFE_PLACE, Why.RECIPIENT_REFUSES, 1, A.RETURN),
    ],
)
def test_the_customer_chose_what_follows_as_far_as_it_can_help(
    chosen: A, obstacle: Why, failures: int, expected: A
) -> None:
    order = replace(ORDER, undeliverable_action=chosen)
    assert follow_up(order, obstacle, failures) is expected


@pytest.mark.parametrize("obstacle", Why)
def test_an_agent_looks_into_it_where_the_customer_was_never_asked(obstacle: Why) -> None:
    assert follow_up(ORDER, obstacle, 1) is None


@given(payments, st.sampled_from(Why), st.integers(0, 10_000))
def test_a_return_is_shared_out_to_the_last_unit(price: Money, obstacle: Why, points: int) -> None:
    refund, release = return_shares(JourneyPolicy(return_share_points=points), price, obstacle)
    assert refund + release == price
    assert min(refund.amount_minor, release.amount_minor) >= 0
    if price.is_movable:
        assert refund.is_movable
        assert release.is_movable


def test_the_ways_are_paid_unless_the_parcel_was_damaged_on_them() -> None:
    price = Money(4_201, "EUR")
    shares = return_shares(JourneyPolicy(), price, Why.RECIPIENT_ABSENT)
    assert [share.amount_minor for share in shares] == [2_101, 2_100]
    refund, release = return_shares(JourneyPolicy(), price, Why.PARCEL_DAMAGED)
    assert (refund, release.amount_minor) == (price, 0)


def report(
    state: DeliveryState, reason: Why = Why.RECIPIENT_ABSENT, away_m: int | None = NEAR_M
) -> Code | None:
    command = ReportFailedHandover(TRAVELER, reason, away_m)
    return refusal_of(check_failed_handover, state, command)


UNASSIGNED = dict.fromkeys([D.REQUESTED, D.EXPIRED], Code.NOT_YOUR_ROLE)
CARRYING = refusals_by_status({D.IN_TRANSIT, D.ARRIVED}, UNASSIGNED)


@pytest.mark.parametrize(("status", "expected"), CARRYING)
def test_a_handover_fails_only_while_the_parcel_is_carried(
    status: D, expected: Code | None
) -> None:
    assert report(state_at(status)) == expected


@pytest.mark.parametrize("away_m", [None, AWAY_M])
def test_an_absent_or_refusing_recipient_is_met_at_the_destination_only(
    away_m: int | None,
) -> None:
    state = state_at(D.ARRIVED)
    assert report(state, Why.RECIPIENT_ABSENT, away_m) is Code.POSITION_NOT_NEAR
    assert report(state, Why.RECIPIENT_REFUSES, away_m) is Code.POSITION_NOT_NEAR
    assert report(state, Why.WRONG_ADDRESS, away_m) is None
    assert report(state, Why.PARCEL_DAMAGED, away_m) is None


def leave(
    where: A = A.NEIGHBOUR,
    chosen: A = A.NEIGHBOUR,
    obstacle: Why | None = Why.RECIPIENT_ABSENT,
    away_m: int | None = NEAR_M,
) -> Code | None:
    state = replace(state_at(D.ARRIVED), order=replace(ORDER, undeliverable_action=chosen))
    return refusal_of(
        check_leave, state, JourneyState(obstacle), LeaveParcel(TRAVELER, where, away_m)
    )


def test_a_parcel_is_left_only_where_the_customer_allowed_and_nobody_was_there() -> None:
    assert leave() is None
    assert leave(A.SAFE_PLACE, A.SAFE_PLACE) is None
    assert leave(A.SAFE_PLACE) is Code.LEAVING_NOT_ALLOWED
    assert leave(A.RETURN, A.RETURN) is Code.LEAVING_NOT_ALLOWED
    assert leave(obstacle=None) is Code.LEAVING_NOT_ALLOWED
    assert leave(obstacle=Why.WRONG_ADDRESS) is Code.LEAVING_NOT_ALLOWED
    assert leave(away_m=AWAY_M) is Code.POSITION_NOT_NEAR


def test_only_the_traveler_reports() -> None:
    for name, actor in EVERYBODY.items():
        expected = None if name == "traveler" else Code.NOT_YOUR_ROLE
        command = ReportFailedHandover(actor, Why.PARCEL_DAMAGED)
        assert refusal_of(check_failed_handover, state_at(D.IN_TRANSIT), command) == expected, name
