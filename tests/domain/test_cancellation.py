"""What leaving before the pickup costs: tiers, grace, fault, and the quote that says so before."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.cancellation import (
    Because,
    CancellationTerms,
    cancellation_cost,
    cancellation_quote,
    check_cancel,
    kept_of,
    kept_shares,
)
from domain.contracts import CancelDelivery, Role
from domain.errors import RefusalCode
from domain.leaving.policy import FREE_CANCELLATION, CancellationPolicy, CancellationTier
from domain.ledger import cancellation_shares
from domain.lifecycle import DeliveryState
from domain.money import Money
from domain.policies import standard_policies
from domain.status import DeliveryStatus, EscrowStatus
from tests.domain.builders import AGENT, CUSTOMER, NOW, PRICE, TRAVELER, refusal_of, state_at

POLICY = CancellationPolicy()
PICKUP = NOW + timedelta(days=5)
TERMS = CancellationTerms(POLICY, PRICE, EscrowStatus.HELD, NOW, PICKUP)


def kept_minor(terms: CancellationTerms, at: datetime, role: Role = Role.CUSTOMER) -> int:
    shares = cancellation_cost(terms, role, at).shares
    assert shares is not None
    return kept_of(shares).amount_minor


@pytest.mark.parametrize(
    ("left", "because", "parts"),
    [
        (timedelta(hours=49), Because.EARLY, (4_200, 0, 0)),
        (timedelta(hours=48), Because.LATE, (3_675, 420, 105)),
        (timedelta(hours=24), Because.LATE, (3_150, 840, 210)),
        (timedelta(hours=1), Because.LATE, (1_890, 2_100, 210)),
        (timedelta(0), Because.LATE, (1_890, 2_100, 210)),
    ],
)
def test_the_nearer_the_pickup_the_more_it_costs(
    left: timedelta, because: Because, parts: tuple[int, int, int]
) -> None:
    cost = cancellation_cost(TERMS, Role.CUSTOMER, PICKUP - left)
    assert cost.because is because
    assert cost.shares is not None
    shares = cost.shares
    assert (shares.refund, shares.compensation, shares.fee) == tuple(
        Money(part, "EUR") for part in parts
    )


def test_after_the_acceptance_there_is_time_to_think_again() -> None:
    soon = replace(TERMS, pickup_at=NOW + timedelta(hours=1))
    grace = timedelta(seconds=POLICY.grace_s)
    within = cancellation_cost(soon, Role.CUSTOMER, NOW + grace - timedelta(seconds=1))
    assert (within.is_free, within.because) == (True, Because.GRACE)
    assert kept_minor(soon, NOW + grace) == 2_310


@pytest.mark.parametrize("role", [Role.TRAVELER, Role.AGENT, Role.OPERATOR, Role.PLATFORM])
def test_a_customer_who_does_not_cancel_pays_nothing(role: Role) -> None:
    assert kept_minor(TERMS, PICKUP, role) == 0


@pytest.mark.parametrize("escrow", [EscrowStatus.NONE, EscrowStatus.HOLDING, EscrowStatus.SAVED])
def test_what_is_not_there_cannot_be_kept(escrow: EscrowStatus) -> None:
    assert kept_minor(replace(TERMS, escrow=escrow), PICKUP) == 0


def test_before_an_acceptance_there_is_nothing_to_share() -> None:
    terms = CancellationTerms(POLICY, None, EscrowStatus.NONE, None, None)
    (cost,) = cancellation_quote(terms, Role.CUSTOMER, NOW)
    assert (cost.is_free, cost.shares, cost.because) == (True, None, Because.NOTHING_HELD)


def test_a_delivery_from_before_the_tiers_is_cancelled_for_free() -> None:
    (cost,) = cancellation_quote(replace(TERMS, policy=FREE_CANCELLATION), Role.CUSTOMER, NOW)
    assert cost.is_free


def test_while_a_hold_has_stopped_the_clock_it_costs_no_more_by_and_by() -> None:
    stopped = replace(TERMS, is_stopped=True)
    for at in (PICKUP - timedelta(days=3), PICKUP - timedelta(hours=1)):
        (only,) = cancellation_quote(stopped, Role.CUSTOMER, at)
        assert only == cancellation_cost(TERMS, Role.CUSTOMER, at)


def test_what_is_too_small_to_compensate_anybody_goes_back_in_full() -> None:
    few = replace(TERMS, price=Money(4, "EUR"), policy=replace(POLICY, grace_s=0))
    assert kept_minor(few, PICKUP - timedelta(hours=40)) == 0


def test_the_quote_says_from_when_on_it_costs_more() -> None:
    quote = cancellation_quote(TERMS, Role.CUSTOMER, NOW)
    assert [PICKUP - cost.at for cost in quote] == [
        timedelta(days=5),
        timedelta(hours=48),
        timedelta(hours=24),
        timedelta(hours=2),
    ]
    late = cancellation_quote(TERMS, Role.CUSTOMER, PICKUP - timedelta(minutes=1))
    assert len(late) == 1


@given(
    seconds=st.integers(0, 6 * 86_400),
    grace_s=st.integers(0, 86_400),
    tiers=st.lists(
        st.builds(
            CancellationTier, st.integers(0, 86_400), st.integers(0, 5_000), st.integers(0, 5_000)
        ),
        max_size=4,
    ),
    price=st.integers(1, 100_000),
)
def test_the_quote_and_the_command_say_the_same_at_every_moment(
    seconds: int, grace_s: int, tiers: list[CancellationTier], price: int
) -> None:
    policy = replace(POLICY, grace_s=grace_s, tiers=tuple(tiers))
    terms = replace(TERMS, policy=policy, price=Money(price, "EUR"))
    moment = min(NOW + timedelta(seconds=seconds), PICKUP)
    quote = cancellation_quote(terms, Role.CUSTOMER, NOW)
    quoted = [cost for cost in quote if cost.at <= moment][-1]
    cost = cancellation_cost(terms, Role.CUSTOMER, moment)
    assert quoted.shares == cost.shares
    assert cost.shares is not None
    assert cost.shares.refund + kept_of(cost.shares) == terms.price
    assert cost.shares.compensation.amount_minor or not cost.shares.fee.amount_minor


@given(price=st.integers(100, 10_000), left=st.integers(1, 10_000))
def test_what_a_chargeback_leaves_is_shared_without_a_rest(price: int, left: int) -> None:
    shares = cancellation_shares(Money(price, "EUR"), 2_000, 500)
    rest = Money(min(left, kept_of(shares).amount_minor), "EUR")
    parts = kept_shares(shares, rest)
    assert parts.traveler + parts.fee == rest
    assert parts.traveler.amount_minor > 0


def late_state() -> DeliveryState:
    state = state_at(DeliveryStatus.AWAITING_PICKUP)
    order = replace(state.order, policies=standard_policies())
    standing = replace(state.standing, deadline_kind="pickup", deadline_at=NOW + timedelta(hours=1))
    accepted_at = NOW - timedelta(days=1)
    return replace(state, order=order, standing=standing, accepted_at=accepted_at)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        (CancelDelivery(CUSTOMER), None),
        (CancelDelivery(CUSTOMER, cost_minor_max=2_310), None),
        (CancelDelivery(CUSTOMER, cost_minor_max=2_309), RefusalCode.CANCELLATION_COSTS_MORE),
        (CancelDelivery(CUSTOMER, reason="an emergency"), RefusalCode.NOT_YOUR_ROLE),
        (CancelDelivery(TRAVELER), None),
        (CancelDelivery(AGENT), RefusalCode.REASON_MISSING),
        (CancelDelivery(AGENT, reason="a death in the family"), None),
    ],
)
def test_a_late_cancellation_needs_its_price_or_its_reason(
    command: CancelDelivery, expected: RefusalCode | None
) -> None:
    assert refusal_of(check_cancel, late_state(), command, NOW) == expected


def test_a_request_that_is_about_to_open_again_is_cancelled_a_moment_later() -> None:
    state = replace(state_at(DeliveryStatus.REFUNDING), is_reopening=True)
    command = CancelDelivery(CUSTOMER)
    assert refusal_of(check_cancel, state, command, NOW) == RefusalCode.WRONG_STATE


def test_who_has_cancelled_already_is_not_asked_again() -> None:
    state = replace(late_state(), cancelled_by=CUSTOMER)
    command = CancelDelivery(CUSTOMER)
    assert refusal_of(check_cancel, state, command, NOW) == RefusalCode.WRONG_STATE
