"""Who may say that the other side is not at the pickup, when, and what it then costs."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from domain.cancellation import (
    Because,
    cancellation_cost,
    kept_of,
    pickup_end,
    reported_absent,
    terms_of,
)
from domain.contracts import Actor, CodePurpose, Role, ScanCode
from domain.deadlines import DeadlineKind
from domain.errors import RefusalCode
from domain.leaving.contracts import ContestNoShow, NoShow, ReportNoShow
from domain.leaving.no_show import SIDES, check_contest_no_show, check_report_no_show, reported
from domain.lifecycle import DeliveryState, check_scan
from domain.policies import standard_policies
from domain.status import CLOSED, DeliveryStatus
from tests.domain.builders import (
    AGENT,
    CUSTOMER,
    DISPUTE,
    EVERYBODY,
    NOW,
    SENDER,
    TRAVELER,
    refusal_of,
    state_at,
)

D, Code = DeliveryStatus, RefusalCode
SOON = NOW + timedelta(hours=1)
NEAR_M, FAR_M = 300, 301


def waiting(due_at: datetime = SOON, absent: Role | None = None) -> DeliveryState:
    state = state_at(D.AWAITING_PICKUP)
    order = replace(state.order, policies=standard_policies())
    kind = DeadlineKind.PICKUP if absent is None else SIDES[absent].clock
    standing = replace(state.standing, deadline_kind=kind, deadline_at=due_at)
    no_show = NoShow(absent, SOON) if absent is not None else None
    return replace(state, order=order, standing=standing, no_show=no_show)


@pytest.mark.parametrize(
    ("actor", "distance_m", "due_in", "expected"),
    [
        (TRAVELER, NEAR_M, timedelta(hours=24), None),
        (TRAVELER, NEAR_M, timedelta(hours=24, seconds=1), Code.NO_SHOW_TOO_EARLY),
        (TRAVELER, FAR_M, timedelta(hours=1), Code.POSITION_NOT_NEAR),
        (TRAVELER, None, timedelta(hours=1), Code.POSITION_NOT_NEAR),
        (CUSTOMER, None, timedelta(hours=2), None),
        (SENDER, None, timedelta(hours=2), None),
        (SENDER, None, timedelta(hours=2, seconds=1), Code.NO_SHOW_TOO_EARLY),
        (AGENT, None, timedelta(hours=1), Code.NOT_YOUR_ROLE),
        (replace(SENDER, role=Role.TRAVELER), NEAR_M, timedelta(hours=1), Code.NOT_YOUR_ROLE),
        (replace(TRAVELER, role=Role.SENDER), NEAR_M, timedelta(hours=1), Code.NOT_YOUR_ROLE),
    ],
)
def test_who_is_there_proves_it_by_place_or_time(
    actor: Actor, distance_m: int | None, due_in: timedelta, expected: RefusalCode | None
) -> None:
    command = ReportNoShow(actor, distance_m)
    assert refusal_of(check_report_no_show, waiting(NOW + due_in), command, NOW) == expected


@pytest.mark.parametrize("status", sorted(set(D) - {D.AWAITING_PICKUP}))
def test_a_report_needs_a_pickup_that_is_waited_for(status: DeliveryStatus) -> None:
    state = replace(state_at(status), order=waiting().order)
    code = refusal_of(check_report_no_show, state, ReportNoShow(SENDER), NOW)
    closed = Code.DELIVERY_CLOSED if status in CLOSED else None
    assert code in {closed, Code.WRONG_STATE, Code.CANCEL_TOO_LATE} - {None}


@pytest.mark.parametrize(
    ("absent", "able"), [(Role.SENDER, {"customer", "sender"}), (Role.TRAVELER, {"traveler"})]
)
def test_only_the_reported_side_contests(absent: Role, able: set[str]) -> None:
    for name, actor in EVERYBODY.items():
        refusal = refusal_of(
            check_contest_no_show, waiting(absent=absent), ContestNoShow(actor, DISPUTE)
        )
        assert refusal == (None if name in able else Code.NOT_YOUR_ROLE), name
    nobody = refusal_of(check_contest_no_show, waiting(), ContestNoShow(SENDER, DISPUTE))
    assert nobody == Code.WRONG_STATE


def test_one_report_is_enough() -> None:
    state = waiting(absent=Role.SENDER)
    command = ReportNoShow(CUSTOMER)
    assert refusal_of(check_report_no_show, state, command, NOW) == Code.WRONG_STATE


def test_the_other_side_has_time_to_come_and_the_agreed_end_is_remembered() -> None:
    no_show, due_at = reported(waiting(), TRAVELER, NOW)
    assert (no_show, due_at) == (NoShow(Role.SENDER, SOON), NOW + timedelta(hours=2))
    assert reported(waiting(), CUSTOMER, NOW)[0].absent is Role.TRAVELER


@pytest.mark.parametrize(
    ("absent", "because", "kept_minor"),
    [(Role.SENDER, Because.SENDER_ABSENT, 2_310), (Role.TRAVELER, Because.TRAVELER_ABSENT, 0)],
)
def test_what_leaving_costs_hangs_on_who_is_absent(
    absent: Role, because: Because, kept_minor: int
) -> None:
    state = waiting(absent=absent)
    cost = cancellation_cost(terms_of(state), Role.CUSTOMER, NOW)
    assert cost.shares is not None
    assert (cost.because, kept_of(cost.shares).amount_minor) == (because, kept_minor)
    standing = state.standing
    assert reported_absent(standing.deadline_kind) is absent
    assert pickup_end(standing.deadline_kind, standing.deadline_at) is None


def test_a_parcel_that_is_disputed_at_the_pickup_was_never_picked_up() -> None:
    state = replace(state_at(D.DISPUTED), no_show=NoShow(Role.SENDER, SOON))
    scan = ScanCode(TRAVELER, CodePurpose.PICKUP, "", is_pin=False)
    assert refusal_of(check_scan, state, scan, NOW) == Code.WRONG_STATE
