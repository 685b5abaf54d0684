"""Calls for help: who is heard, and what a call does to a hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.contracts import Actor, Role
from domain.errors import RefusalCode
from domain.holds.rules import Hold
from domain.sos import CALLERS, WHY, CallForHelp, check_call, hold_for
from domain.status import CLOSED, DeliveryStatus
from tests.domain.builders import (
    AGENT,
    CUSTOMER,
    NOW,
    OTHER_TRAVELER,
    RECIPIENT,
    SENDER,
    STRANGER,
    TRAVELER,
    refusal_of,
    state_at,
)

C, D = RefusalCode, DeliveryStatus
LATER = NOW + timedelta(hours=2)
CALL = CallForHelp(TRAVELER, "a call")


@pytest.mark.parametrize("status", DeliveryStatus)
@pytest.mark.parametrize("caller", [TRAVELER, RECIPIENT, SENDER, CUSTOMER])
def test_every_party_is_heard_whatever_the_delivery_is_doing(
    caller: Actor, status: DeliveryStatus
) -> None:
    state = state_at(status)
    has_part = caller is not TRAVELER or state.standing.traveler_id is not None
    expected = None if has_part else C.NOT_YOUR_ROLE
    refused = refusal_of(check_call, state, CallForHelp(caller, "a call"))
    assert refused == (C.DELIVERY_CLOSED if status in CLOSED else expected)


@pytest.mark.parametrize(
    "caller",
    [OTHER_TRAVELER, STRANGER, AGENT, Actor(Role.TRAVELER), replace(TRAVELER, role=Role.OPERATOR)],
)
def test_nobody_else_is(caller: Actor) -> None:
    refused = refusal_of(check_call, state_at(D.IN_TRANSIT), CallForHelp(caller, "a call"))
    assert refused == C.NOT_YOUR_ROLE


def test_whoever_meets_somebody_because_of_the_parcel_may_call() -> None:
    assert {Role.TRAVELER, Role.RECIPIENT, Role.SENDER, Role.CUSTOMER} == CALLERS


def test_a_call_places_a_hold_with_itself_behind_it() -> None:
    assert hold_for(None, CALL, NOW) == Hold(WHY, TRAVELER, NOW, sos_at=NOW)


def test_a_call_joins_a_hold_by_staff_and_operators_are_told_from_then_on() -> None:
    placed = Hold("Fraud is reported.", AGENT, NOW, tellings=2)
    joined = hold_for(placed, CALL, LATER)
    assert (joined.placed_by, joined.since) == (AGENT, NOW), "it is still theirs"
    assert (joined.sos_at, joined.tellings) == (LATER, 0)
    assert joined.reason == f"Fraud is reported. {WHY}"


def test_a_second_call_moves_nothing_that_operators_wait_for() -> None:
    called = replace(hold_for(None, CALL, NOW), tellings=3)
    assert hold_for(called, CallForHelp(RECIPIENT, "another"), LATER) is called
