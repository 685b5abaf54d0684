"""Rules of a delivery on hold."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import Role, Standing
from domain.deadlines import DeadlineKind
from domain.errors import Refusal
from domain.holds.policy import HoldPolicy
from domain.holds.rules import (
    HOLD_OVERDUE,
    HOLD_WAITS,
    Hold,
    HoldDelivery,
    ResumeDelivery,
    check_hold,
    check_resume,
    frozen,
    next_telling,
    refuse_on_hold,
    thawed,
    told_again,
)
from domain.status import CLOSED, DeliveryStatus
from domain.transitions import EventKind
from tests.domain.builders import AGENT, CUSTOMER, NOW, TRAVELER

POLICY = HoldPolicy()
HOLD = Hold("a stolen card", AGENT, NOW)
PARTIES = (CUSTOMER.person_id, TRAVELER.person_id, None)
WHY = HoldDelivery("a stolen card", AGENT.person_id)


def refused_with(rule: Callable[[], None]) -> str:
    with pytest.raises(Refusal) as refusal:
        rule()
    return refusal.value.code


@given(
    left_s=st.integers(-3_600, 10**7),
    holds=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)), max_size=5),
)
def test_a_clock_never_loses_or_gains_time_by_holds(
    left_s: int, holds: list[tuple[int, int]]
) -> None:
    standing = Standing(
        DeliveryStatus.DELIVERED,
        "held",
        deadline_kind=DeadlineKind.INSPECTION,
        deadline_at=NOW + timedelta(seconds=left_s),
    )
    now, held_s = NOW, 0
    for pause_s, length_s in holds:
        now += timedelta(seconds=pause_s)
        stopped, standing = frozen(standing, Hold("why", AGENT, now), POLICY, now)
        assert standing.deadline_kind == DeadlineKind.HOLD
        now, held_s = now + timedelta(seconds=length_s), held_s + length_s
        standing = thawed(standing, stopped, now)
    assert standing.deadline_kind == DeadlineKind.INSPECTION
    assert standing.deadline_at == NOW + timedelta(seconds=left_s + held_s)


def test_a_delivery_without_a_clock_goes_on_without_one() -> None:
    stopped, standing = frozen(Standing("disputed", "held"), HOLD, POLICY, NOW)
    assert standing.deadline_at == NOW + timedelta(seconds=POLICY.reminder_s)
    later = thawed(standing, stopped, NOW + timedelta(days=1))
    assert (later.deadline_kind, later.deadline_at) == (None, None)


def test_staff_are_reminded_once_and_alarmed_again_and_again() -> None:
    hold, (_, standing) = HOLD, frozen(Standing("delivered", "held"), HOLD, POLICY, NOW)
    told, moments = [], []
    for _ in range(4):
        moments.append(next_telling(hold, POLICY) - NOW)
        event, hold, standing = told_again(standing, hold, POLICY)
        told.append((event, standing.attention))
    assert told == [
        (EventKind.HOLD_REMINDED, HOLD_WAITS),
        *[(EventKind.HOLD_OVERDUE, HOLD_OVERDUE)] * 3,
    ]
    assert [each.days for each in moments] == [1, 3, 4, 5]
    assert next_telling(hold, POLICY) == standing.deadline_at


def test_a_parked_step_stays_what_needs_attention_first() -> None:
    parked = Standing("refunding", "refunding", attention="refund_funds")
    stopped, standing = frozen(parked, HOLD, POLICY, NOW)
    _, _, standing = told_again(standing, HOLD, POLICY)
    assert standing.attention == "refund_funds"
    assert thawed(standing, stopped, NOW).attention == "refund_funds"


@pytest.mark.parametrize("status", DeliveryStatus)
def test_staff_freeze_and_resume_whatever_is_open(status: DeliveryStatus) -> None:
    if status in CLOSED:
        assert refused_with(lambda: check_hold(status, PARTIES, None, WHY)) == "delivery_closed"
        return
    check_hold(status, PARTIES, None, WHY)
    check_resume(status, PARTIES, HOLD, ResumeDelivery())


def test_who_may_not_freeze_and_what_may_not_be_frozen_is_said() -> None:
    status = DeliveryStatus.DELIVERED
    by_party = HoldDelivery("why", CUSTOMER.person_id)
    as_party = HoldDelivery("why", role=Role.CUSTOMER)
    unknown = HoldDelivery("why", risk_decision_id="the last one")
    passing = ResumeDelivery("why", risk_decision_id="all of them")
    cases = (
        (lambda: check_hold(status, PARTIES, None, by_party), "not_your_role"),
        (lambda: check_hold(status, PARTIES, None, as_party), "not_your_role"),
        (lambda: check_hold(status, PARTIES, HOLD, WHY), "on_hold"),
        (lambda: check_hold(status, PARTIES, None, HoldDelivery(" ")), "reason_missing"),
        (lambda: check_hold(status, PARTIES, None, HoldDelivery("x" * 501)), "reason_missing"),
        (lambda: check_resume(status, PARTIES, None, ResumeDelivery()), "not_on_hold"),
        (lambda: check_resume(status, PARTIES, HOLD, ResumeDelivery("x" * 501)), "reason_missing"),
        (lambda: check_hold(status, PARTIES, None, unknown), "risk_decision_unknown"),
        (lambda: check_resume(status, PARTIES, HOLD, passing), "risk_decision_unknown"),
        (refuse_on_hold, "on_hold"),
    )
    for rule, code in cases:
        assert refused_with(rule) == code
