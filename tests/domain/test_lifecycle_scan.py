"""Scans: only the traveler, only at the right stage, and a locked PIN stays locked."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.contracts import Actor, CodePurpose, ScanCode
from domain.errors import RefusalCode
from domain.journey.wrong_scans import note_wrong_scan
from domain.lifecycle import DeliveryState, check_scan
from domain.status import CLOSED, DeliveryStatus, DisputeStatus
from tests.domain.builders import (
    CUSTOMER,
    EVERYBODY,
    NOW,
    TRAVELER,
    refusal_of,
    refusals_by_status,
    state_at,
)

D, Code = DeliveryStatus, RefusalCode
PICKUP, HANDOVER = CodePurpose.PICKUP, CodePurpose.HANDOVER


def scan(
    state: DeliveryState, purpose: CodePurpose, actor: Actor = TRAVELER, *, is_pin: bool = False
) -> RefusalCode | None:
    return refusal_of(check_scan, state, ScanCode(actor, purpose, "digest", is_pin), NOW)


ON_THE_WAY = [D.IN_TRANSIT, D.ARRIVED, D.RETURNING]
AFTER_PICKUP = dict.fromkeys(
    [
        *ON_THE_WAY,
        *(D.DELIVERED, D.RETURNED, D.DISPUTED, D.RELEASING, D.SETTLING, D.PAYING_OUT),
    ],
    Code.CODE_ALREADY_USED,
)
AFTER_HANDOVER = dict.fromkeys([D.DELIVERED, D.RELEASING, D.PAYING_OUT], Code.CODE_ALREADY_USED)
UNASSIGNED = dict.fromkeys([D.REQUESTED, D.EXPIRED], Code.NOT_YOUR_ROLE)


@pytest.mark.parametrize(
    ("status", "expected"),
    refusals_by_status({D.AWAITING_PICKUP, D.CAPTURING}, {**AFTER_PICKUP, **UNASSIGNED}),
)
def test_pickup_code_works_once_while_the_parcel_waits(
    status: DeliveryStatus, expected: RefusalCode | None
) -> None:
    assert scan(state_at(status), PICKUP) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    refusals_by_status({D.IN_TRANSIT, D.ARRIVED}, {**AFTER_HANDOVER, **UNASSIGNED}),
)
def test_handover_code_works_once_while_the_parcel_travels(
    status: DeliveryStatus, expected: RefusalCode | None
) -> None:
    assert scan(state_at(status), HANDOVER) == expected


@pytest.mark.parametrize(
    ("status", "expected"),
    refusals_by_status({D.RETURNING}, {D.RETURNED: Code.CODE_ALREADY_USED, **UNASSIGNED}),
)
def test_return_code_works_once_on_the_way_back(
    status: DeliveryStatus, expected: RefusalCode | None
) -> None:
    assert scan(state_at(status), CodePurpose.RETURN) == expected


@pytest.mark.parametrize(
    ("dispute", "purpose", "expected"),
    [
        (DisputeStatus.NONE, PICKUP, Code.WRONG_STATE),
        (DisputeStatus.DECIDED, PICKUP, Code.CODE_ALREADY_USED),
        (DisputeStatus.NONE, HANDOVER, Code.WRONG_STATE),
        (DisputeStatus.DECIDED, HANDOVER, Code.WRONG_STATE),
    ],
)
def test_a_code_is_called_used_only_where_it_surely_was(
    dispute: DisputeStatus, purpose: CodePurpose, expected: RefusalCode
) -> None:
    assert scan(state_at(D.REFUNDING, dispute), purpose) is expected


def test_a_verdict_without_a_handover_does_not_call_the_handover_code_used() -> None:
    assert scan(state_at(D.RELEASING, DisputeStatus.DECIDED), HANDOVER) is Code.WRONG_STATE


@pytest.mark.parametrize(
    ("status", "purpose"), [(D.AWAITING_PICKUP, PICKUP), (D.IN_TRANSIT, HANDOVER)]
)
def test_only_the_traveler_scans(status: DeliveryStatus, purpose: CodePurpose) -> None:
    for name, actor in EVERYBODY.items():
        expected = None if name == "traveler" else Code.NOT_YOUR_ROLE
        assert scan(state_at(status), purpose, actor) == expected, name


@pytest.mark.parametrize("purpose", CodePurpose)
@pytest.mark.parametrize("status", sorted(CLOSED - {D.EXPIRED}))
def test_a_closed_delivery_takes_no_scan(status: DeliveryStatus, purpose: CodePurpose) -> None:
    assert scan(state_at(status), purpose) is Code.DELIVERY_CLOSED


def test_nothing_is_picked_up_once_a_cancellation_waits_for_its_charge() -> None:
    state = replace(state_at(D.AWAITING_PICKUP), cancelled_by=CUSTOMER)
    assert scan(state, PICKUP) is Code.WRONG_STATE


@pytest.mark.parametrize(
    ("status", "purpose", "other"),
    [(D.AWAITING_PICKUP, PICKUP, HANDOVER), (D.IN_TRANSIT, HANDOVER, PICKUP)],
)
def test_a_locked_pin_is_refused_but_the_full_code_still_works(
    status: DeliveryStatus, purpose: CodePurpose, other: CodePurpose
) -> None:
    state = state_at(status)
    state.locked_pins.add(purpose)
    assert scan(state, purpose, is_pin=True) is Code.CODE_LOCKED
    assert scan(state, purpose, is_pin=False) is None
    state.locked_pins = {other}
    assert scan(state, purpose, is_pin=True) is None


def test_a_scanner_that_repeats_itself_must_slow_down() -> None:
    state = state_at(D.IN_TRANSIT)
    for _ in range(state.order.policies.limits.wrong_scans_max - 1):
        note_wrong_scan(state, NOW)
    assert scan(state, HANDOVER) is None
    note_wrong_scan(state, NOW)
    assert scan(state, HANDOVER) is Code.CODE_LOCKED
    first_end = state.scans_paused_until
    assert first_end is not None
    command = ScanCode(TRAVELER, HANDOVER, "digest", is_pin=False)
    assert refusal_of(check_scan, state, command, first_end) is None
    note_wrong_scan(state, first_end)
    assert state.scans_paused_until is not None
    assert state.scans_paused_until - first_end > first_end - NOW >= timedelta(minutes=1)
