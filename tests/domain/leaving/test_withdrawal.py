"""When a traveler may leave, when the delivery is open again, and who gets a strike."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.contracts import PLATFORM, Actor, SubmitOffer
from domain.errors import RefusalCode
from domain.ids import DeliveryId, OfferId
from domain.leaving.contracts import WithdrawTraveler
from domain.leaving.withdrawal import (
    STRIKE,
    Strike,
    check_withdraw,
    may_reopen,
    start_over,
    strike_facts,
    struck_person,
)
from domain.lifecycle import DeliveryState, check_submit_offer
from domain.status import BEFORE_PICKUP, DeliveryStatus, OfferStatus
from domain.transitions import EventKind, Transition
from tests.domain.builders import (
    AGENT,
    CUSTOMER,
    EVERYBODY,
    NOW,
    OFFER,
    OTHER_TRAVELER,
    TRAVELER,
    offer_of,
    refusal_of,
    refusals_by_status,
    state_at,
)

D, Code = DeliveryStatus, RefusalCode
LEAVABLE = set(BEFORE_PICKUP) - {D.REQUESTED, D.CAPTURING}
AFTER_PICKUP = set(D) - BEFORE_PICKUP - {D.REQUESTED}
SPECIAL = {
    **dict.fromkeys(AFTER_PICKUP, Code.CANCEL_TOO_LATE),
    **{status: code for status, code in refusals_by_status(set()) if code is Code.DELIVERY_CLOSED},
    D.REQUESTED: Code.NOT_YOUR_ROLE,
}


@pytest.mark.parametrize(("status", "expected"), refusals_by_status(LEAVABLE, SPECIAL))
def test_the_traveler_may_leave_until_the_pickup(
    status: DeliveryStatus, expected: RefusalCode | None
) -> None:
    assert refusal_of(check_withdraw, state_at(status), WithdrawTraveler(TRAVELER)) == expected


def test_nobody_else_may_leave_in_the_travelers_place() -> None:
    state = state_at(D.AWAITING_PICKUP)
    for name, actor in EVERYBODY.items():
        expected = None if name == "traveler" else Code.NOT_YOUR_ROLE
        assert refusal_of(check_withdraw, state, WithdrawTraveler(actor)) == expected


def test_who_was_left_already_cannot_be_left_again() -> None:
    state = replace(state_at(D.ACCEPTED), cancelled_by=CUSTOMER)
    assert refusal_of(check_withdraw, state, WithdrawTraveler(TRAVELER)) == Code.WRONG_STATE


def left_state(**changes: object) -> DeliveryState:
    state = state_at(D.AWAITING_PICKUP)
    ahead = NOW + timedelta(days=1)
    return replace(state, order=replace(state.order, request_expires_at=ahead, **changes))  # type: ignore[arg-type]


def test_a_delivery_is_opened_again_while_it_has_time_and_its_customer_wants_it() -> None:
    assert may_reopen(left_state(), NOW)
    assert not may_reopen(left_state(), NOW + timedelta(days=1))
    assert not may_reopen(left_state(pickup_by=NOW), NOW)
    assert not may_reopen(left_state(reopens=False), NOW)
    assert not may_reopen(replace(left_state(), reopenings=3), NOW)


def test_a_new_beginning_knows_nothing_of_the_last_but_who_left() -> None:
    accepted = offer_of(TRAVELER, OfferStatus.ACCEPTED)
    state = replace(state_at(D.REQUESTED), offers={OFFER: accepted}, cancelled_by=TRAVELER)
    start_over(state)
    assert (state.accepted_at, state.cancelled_by, state.reopenings) == (None, None, 1)
    assert state.offers[OFFER].status == OfferStatus.WITHDRAWN
    again = SubmitOffer(TRAVELER, OfferId("again"), 4_000)
    assert refusal_of(check_submit_offer, state, again) == Code.OFFER_CLOSED
    other = SubmitOffer(OTHER_TRAVELER, OfferId("other"), 4_000)
    assert refusal_of(check_submit_offer, state, other) is None


@pytest.mark.parametrize(
    ("actor", "facts", "expected"),
    [
        (TRAVELER, strike_facts(TRAVELER), TRAVELER.person_id),
        (PLATFORM, {STRIKE: Strike.NO_SHOW}, TRAVELER.person_id),
        (CUSTOMER, strike_facts(CUSTOMER), None),
        (AGENT, {}, None),
    ],
)
def test_a_strike_is_the_travelers(
    actor: Actor, facts: dict[str, str], expected: str | None
) -> None:
    standing = state_at(D.AWAITING_PICKUP).standing
    left = Transition(
        DeliveryId("delivery"), "left", EventKind.TRAVELER_LEFT, actor, NOW, standing, facts
    )
    assert struck_person(left) == expected
