"""Offers: who may make, revise, take back and accept one, and when."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from domain.contracts import AcceptOffer, Actor, CounterOffer, Role, SubmitOffer, WithdrawOffer
from domain.errors import RefusalCode
from domain.ids import OfferId
from domain.lifecycle import (
    DeliveryState,
    check_accept_offer,
    check_counter_offer,
    check_submit_offer,
    check_withdraw_offer,
    opening_standing,
)
from domain.money import Money
from domain.status import DeliveryStatus, EscrowStatus, OfferStatus
from tests.domain.builders import (
    CUSTOMER,
    EVERYBODY,
    OFFER,
    ORDER,
    OTHER_TRAVELER,
    RECIPIENT,
    SENDER,
    STRANGER,
    TRAVELER,
    offer_of,
    refusal_of,
    refusals_by_status,
    state_at,
    with_limits,
)

REQUESTED = DeliveryStatus.REQUESTED
UNKNOWN = OfferId("offer-of-another-delivery")
Check = Callable[[DeliveryState, Actor, OfferId], None]


def submit(state: DeliveryState, actor: Actor, _: OfferId = OFFER, price: int = 4_200) -> None:
    check_submit_offer(state, SubmitOffer(actor, OfferId("offer-2"), price))


def counter(
    state: DeliveryState, actor: Actor, offer_id: OfferId = OFFER, price: int = 3_900
) -> None:
    check_counter_offer(state, CounterOffer(actor, offer_id, price))


def withdraw(state: DeliveryState, actor: Actor, offer_id: OfferId = OFFER) -> None:
    check_withdraw_offer(state, WithdrawOffer(actor, offer_id))


def accept(state: DeliveryState, actor: Actor, offer_id: OfferId = OFFER) -> None:
    check_accept_offer(state, AcceptOffer(actor, offer_id, "method", "account", 4_200))


RIGHT_ACTORS: list[tuple[Check, Actor]] = [
    (submit, OTHER_TRAVELER),
    (counter, CUSTOMER),
    (counter, TRAVELER),
    (withdraw, TRAVELER),
    (accept, CUSTOMER),
]


def test_a_new_delivery_waits_for_an_offer_until_its_request_expires() -> None:
    standing = opening_standing(ORDER)
    assert (standing.status, standing.escrow) == (REQUESTED, EscrowStatus.NONE)
    assert (standing.deadline_kind, standing.deadline_at) == ("request", ORDER.request_expires_at)
    assert DeliveryState(ORDER, standing).status is REQUESTED


@pytest.mark.parametrize(("check", "actor"), RIGHT_ACTORS)
@pytest.mark.parametrize(("status", "expected"), refusals_by_status({REQUESTED}))
def test_offers_are_taken_only_while_the_request_is_open(
    check: Check, actor: Actor, status: DeliveryStatus, expected: RefusalCode | None
) -> None:
    assert refusal_of(check, state_at(status), actor, OFFER) == expected


@pytest.mark.parametrize("actor", [CUSTOMER, SENDER, RECIPIENT])
def test_no_party_carries_its_own_parcel(actor: Actor) -> None:
    as_traveler = replace(actor, role=Role.TRAVELER)
    assert refusal_of(submit, state_at(REQUESTED), as_traveler) is RefusalCode.OWN_DELIVERY


def test_a_traveler_has_one_open_offer_at_a_time() -> None:
    state = state_at(REQUESTED)
    assert refusal_of(submit, state, TRAVELER) is RefusalCode.OFFER_ALREADY_MADE
    state.offers[OFFER] = offer_of(TRAVELER, OfferStatus.WITHDRAWN)
    assert refusal_of(submit, state, TRAVELER) is None


def test_open_offers_on_one_request_are_limited() -> None:
    state = with_limits(state_at(REQUESTED), open_offers_max=1)
    assert refusal_of(submit, state, OTHER_TRAVELER) is RefusalCode.OFFER_LIMIT_REACHED
    state.offers[OFFER] = offer_of(TRAVELER, OfferStatus.WITHDRAWN)
    assert refusal_of(submit, state, OTHER_TRAVELER) is None


@pytest.mark.parametrize(("check", "actor"), [(submit, OTHER_TRAVELER), (counter, CUSTOMER)])
def test_offers_over_the_life_of_a_request_are_limited(check: Check, actor: Actor) -> None:
    state = with_limits(state_at(REQUESTED), offers_total_max=3)
    state.revisions = 2
    assert refusal_of(check, state, actor, OFFER) is None
    state.revisions = 3
    assert refusal_of(check, state, actor, OFFER) is RefusalCode.OFFER_LIMIT_REACHED


@pytest.mark.parametrize("price", [-1, 0, 99, 5_000_001])
def test_a_price_out_of_range_is_refused(price: int) -> None:
    state = state_at(REQUESTED)
    code = RefusalCode.PRICE_OUT_OF_RANGE
    assert refusal_of(submit, state, OTHER_TRAVELER, price=price) is code
    assert refusal_of(counter, state, CUSTOMER, price=price) is code


@pytest.mark.parametrize(("check", "actor"), RIGHT_ACTORS[1:])
def test_an_offer_must_exist_and_be_open(check: Check, actor: Actor) -> None:
    state = state_at(REQUESTED)
    assert refusal_of(check, state, actor, UNKNOWN) is RefusalCode.OFFER_UNKNOWN
    for status in set(OfferStatus) - {OfferStatus.OPEN}:
        state.offers[OFFER] = offer_of(TRAVELER, status)
        assert refusal_of(check, state, actor, OFFER) is RefusalCode.OFFER_CLOSED


@pytest.mark.parametrize(
    ("check", "allowed", "code"),
    [
        (counter, {"customer", "traveler"}, RefusalCode.OFFER_UNKNOWN),
        (withdraw, {"traveler"}, RefusalCode.OFFER_UNKNOWN),
        (accept, {"customer"}, RefusalCode.NOT_YOUR_ROLE),
    ],
)
def test_only_the_two_sides_of_an_offer_touch_it(
    check: Check, allowed: set[str], code: RefusalCode
) -> None:
    for name, actor in EVERYBODY.items():
        refusal = refusal_of(check, state_at(REQUESTED), actor, OFFER)
        assert refusal == (None if name in allowed else code), name


def test_a_stranger_may_make_an_offer_as_a_traveler_only() -> None:
    going_there = replace(STRANGER, role=Role.TRAVELER)
    assert refusal_of(submit, state_at(REQUESTED), going_there) is None
    for actor in (STRANGER, replace(going_there, person_id=None)):
        refusal = refusal_of(submit, state_at(REQUESTED), actor)
        assert refusal is RefusalCode.NOT_YOUR_ROLE


def test_nobody_is_bound_to_a_price_they_did_not_name_or_accept() -> None:
    state = state_at(REQUESTED)
    state.offers[OFFER] = offer_of(TRAVELER, proposed_by=Role.CUSTOMER)
    assert refusal_of(accept, state, CUSTOMER) is RefusalCode.OFFER_AWAITS_OTHER_SIDE
    state.offers[OFFER] = offer_of(TRAVELER, proposed_by=Role.TRAVELER)
    assert refusal_of(accept, state, CUSTOMER) is None


def test_an_acceptance_names_the_price_that_was_seen() -> None:
    seen = AcceptOffer(CUSTOMER, OFFER, "method", "account", price_minor=4_200)
    assert refusal_of(check_accept_offer, state_at(REQUESTED), seen) is None
    state = state_at(REQUESTED)
    state.offers[OFFER] = replace(state.offers[OFFER], price=Money(4_300, "EUR"))
    assert refusal_of(check_accept_offer, state, seen) is RefusalCode.OFFER_PRICE_CHANGED


def test_haggling_within_one_offer_ends() -> None:
    state = state_at(REQUESTED)
    state.prices_named[OFFER] = state.order.policies.limits.revisions_per_offer_max
    assert refusal_of(counter, state, TRAVELER) is RefusalCode.OFFER_REVISIONS_REACHED
    assert refusal_of(accept, state, CUSTOMER) is None


def test_a_request_ends_before_its_own_dates_pass() -> None:
    pickup_by = ORDER.request_expires_at - timedelta(days=1)
    assert opening_standing(replace(ORDER, pickup_by=pickup_by)).deadline_at == pickup_by
    assert opening_standing(ORDER).deadline_at == ORDER.request_expires_at
