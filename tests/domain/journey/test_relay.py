"""Handing a parcel on: who may do what when, and how exactly two travelers share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import CodePurpose, ScanCode
from domain.deadlines import DeadlineKind
from domain.errors import RefusalCode
from domain.ids import PersonId, RelayId
from domain.journey.relay import (
    Relay,
    RelayEnd,
    RelayFact,
    RelayState,
    RelayStatus,
    check_answer_relay,
    check_ask_relay,
    check_relay_in_time,
    check_scan_relay,
    check_take_relay,
    check_withdraw_relay,
    clock_of,
    giver_share,
    relay_shares,
    status_now,
)
from domain.journey.relay_contracts import (
    AnswerRelay,
    AskRelay,
    ScanRelay,
    TakeRelay,
    WithdrawRelay,
)
from domain.lifecycle import DeliveryState
from domain.messages import TRAVELERS, notices_for
from domain.money import Money
from domain.policies import FeePolicy
from domain.pricing import PriceShares, price_shares
from domain.status import DeliveryStatus as D
from domain.transitions import EventKind, Transition
from tests.domain.builders import (
    CUSTOMER,
    DELIVERY,
    EVERYBODY,
    NOW,
    OTHER_TRAVELER,
    TRAVELER,
    payments,
    refusal_of,
    state_at,
)

RELAY = RelayId("relay-1")
TAKER = OTHER_TRAVELER
OVERDUE_AT = NOW + timedelta(days=3)
GIVER_ID, TAKER_ID = PersonId("traveler"), PersonId("other-traveler")
ASKED = Relay(RELAY, GIVER_ID, TAKER_ID, 4_000, OVERDUE_AT)
SCAN = ScanCode(TAKER, CodePurpose.RELAY, "digest", is_pin=False)


def carried(clock: DeadlineKind = DeadlineKind.HANDOVER) -> DeliveryState:
    """Return a parcel on its way, with a clock armed."""
    state = state_at(D.IN_TRANSIT)
    state.standing = replace(state.standing, deadline_kind=clock, deadline_at=OVERDUE_AT)
    return state


def at(status: RelayStatus) -> tuple[DeliveryState, RelayState]:
    """Return a delivery with a relay that stands somewhere."""
    return carried(clock_of(status)), RelayState(replace(ASKED, status=status), asked=1)


def ask(**changes: object) -> AskRelay:
    """Return a request that is allowed, with changes."""
    return replace(AskRelay(TRAVELER, RELAY, TAKER_ID, 4_000), **changes)  # type: ignore[arg-type]


def asked(state: DeliveryState, relays: RelayState, command: AskRelay) -> RefusalCode | None:
    """Return why a request is refused."""
    return refusal_of(lambda: check_ask_relay(state, relays, command, OVERDUE_AT, NOW))


REFUSED: Mapping[str, tuple[AskRelay, RefusalCode]] = {
    "a stranger asks": (ask(actor=CUSTOMER), RefusalCode.NOT_YOUR_ROLE),
    "the customer takes it": (ask(taker_id=PersonId("customer")), RefusalCode.OWN_DELIVERY),
    "the recipient takes it": (ask(taker_id=PersonId("recipient")), RefusalCode.OWN_DELIVERY),
    "the giver takes it": (ask(taker_id=GIVER_ID), RefusalCode.OWN_DELIVERY),
    "nothing for the taker": (ask(share_points=499), RefusalCode.RELAY_TERMS_INVALID),
    "nothing for the giver": (ask(share_points=9_501), RefusalCode.RELAY_TERMS_INVALID),
    "a handover in the past": (ask(deliver_by=NOW), RefusalCode.RELAY_TERMS_INVALID),
    "a handover far away": (
        ask(deliver_by=OVERDUE_AT + timedelta(days=5, seconds=1)),
        RefusalCode.RELAY_TERMS_INVALID,
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_terms_are_checked_when_they_are_named(case: str) -> None:
    command, refusal = REFUSED[case]
    assert asked(carried(), RelayState(), command) is refusal
    assert asked(carried(), RelayState(), ask()) is None


def test_a_parcel_is_handed_on_only_while_it_is_carried_and_nothing_else_is_settled() -> None:
    may = {status for status in D if asked(_with_clock(status), RelayState(), ask()) is None}
    assert may == {D.IN_TRANSIT, D.ARRIVED}
    for clock in (DeadlineKind.REDELIVERY, DeadlineKind.RELAY_CONSENT):
        assert asked(carried(clock), RelayState(), ask()) is RefusalCode.WRONG_STATE
    assert asked(carried(DeadlineKind.TRACE), RelayState(), ask()) is None


def test_it_is_handed_on_once_and_asked_for_a_few_times() -> None:
    reached = RefusalCode.RELAY_LIMIT_REACHED
    assert asked(carried(), RelayState(done=1), ask()) is reached
    assert asked(carried(), RelayState(asked=5), ask()) is reached


@pytest.mark.parametrize("name", EVERYBODY)
def test_each_step_is_for_one_person(name: str) -> None:
    actor = EVERYBODY[name]
    steps = {
        "answer": lambda: check_answer_relay(
            *at(RelayStatus.ASKED), AnswerRelay(actor, RELAY, agrees=True)
        ),
        "take": lambda: check_take_relay(
            *at(RelayStatus.CONSENTED), TakeRelay(actor, RELAY, takes=True, payout_account="a")
        ),
        "scan": lambda: check_scan_relay(
            *at(RelayStatus.AGREED), ScanRelay(replace(SCAN, actor=actor), 10), NOW
        ),
        "withdraw": lambda: check_withdraw_relay(
            *at(RelayStatus.AGREED), WithdrawRelay(actor, RELAY)
        ),
    }
    may = {step for step, check in steps.items() if refusal_of(check) is None}
    allowed = {
        CUSTOMER: {"answer"},
        TAKER: {"take", "scan", "withdraw"},
        TRAVELER: {"withdraw"},
    }
    assert may == allowed.get(actor, set())


@pytest.mark.parametrize("clock", [DeadlineKind.HANDOVER, DeadlineKind.REDELIVERY])
def test_another_clock_has_ended_an_open_relay(clock: DeadlineKind) -> None:
    _, relays = at(RelayStatus.AGREED)
    scan = ScanRelay(SCAN, 10)
    refusal = refusal_of(lambda: check_scan_relay(carried(clock), relays, scan, NOW))
    assert refusal is RefusalCode.RELAY_NOT_OPEN
    assert status_now(RelayStatus.AGREED, clock) is RelayStatus.ENDED
    assert status_now(RelayStatus.AGREED, DeadlineKind.HOLD) is RelayStatus.AGREED
    assert status_now(RelayStatus.DONE, clock) is RelayStatus.DONE


def test_a_relay_of_another_id_is_not_decided_about() -> None:
    answer = AnswerRelay(CUSTOMER, RelayId("relay-0"), agrees=True)
    refusal = refusal_of(lambda: check_answer_relay(*at(RelayStatus.ASKED), answer))
    assert refusal is RefusalCode.RELAY_NOT_OPEN


def test_a_relay_ends_with_the_time_that_was_agreed_on() -> None:
    _, relays = at(RelayStatus.AGREED)
    before = OVERDUE_AT - timedelta(seconds=1)
    assert refusal_of(lambda: check_relay_in_time(relays, before)) is None
    over = refusal_of(lambda: check_relay_in_time(relays, OVERDUE_AT))
    assert over is RefusalCode.RELAY_NOT_OPEN


@pytest.mark.parametrize("distance_m", [None, 301])
def test_the_scan_needs_both_at_one_place(distance_m: int | None) -> None:
    scan = ScanRelay(SCAN, distance_m)
    refusal = refusal_of(lambda: check_scan_relay(*at(RelayStatus.AGREED), scan, NOW))
    assert refusal is RefusalCode.POSITION_NOT_NEAR


points = st.integers(500, 9_500)


@given(payments, points)
def test_both_shares_and_the_fee_are_the_price_and_nobody_carries_for_nothing(
    price: Money, share_points: int
) -> None:
    whole = price_shares(FeePolicy(), price)
    giver = giver_share(whole.traveler, share_points)
    rest = relay_shares(whole, share_points)
    assert giver + rest.traveler + rest.fee == price
    assert giver.amount_minor >= 0
    assert rest.traveler.amount_minor > 0
    assert giver.is_movable or not whole.traveler.is_movable
    exact = whole.traveler.amount_minor * (10_000 - share_points) / 10_000
    assert exact - price.step_minor < giver.amount_minor <= exact


def test_what_the_giver_has_got_stays_when_less_is_left() -> None:
    given_before = Money(1_890, "EUR")
    less = price_shares(FeePolicy(), Money(3_000, "EUR"))
    assert relay_shares(less, 5_000, given_before) == PriceShares(
        Money(810, "EUR"), Money(300, "EUR")
    )
    little = price_shares(FeePolicy(), Money(2_000, "EUR"))
    assert relay_shares(little, 5_000, given_before) == PriceShares(
        Money(110, "EUR"), Money(0, "EUR")
    )


def test_both_travelers_are_told_and_no_account_is() -> None:
    ended = replace(ASKED, status=RelayStatus.ENDED, taker_account="acct_secret")
    facts = {**ended.facts(RelayEnd.LAPSED), TRAVELERS: f"{GIVER_ID} {TAKER_ID}"}
    event = EventKind.RELAY_ENDED
    told = Transition(
        DELIVERY, "relay_ended:1", event, CUSTOMER, NOW, carried().standing, facts=facts
    )
    assert [notice.person_id for notice in notices_for(told)] == [None, GIVER_ID, TAKER_ID]
    assert facts[RelayFact.BECAUSE] == "lapsed"
    assert "acct_secret" not in facts.values()


def _with_clock(status: D) -> DeliveryState:
    state = state_at(status)
    state.standing = replace(state.standing, deadline_kind=DeadlineKind.HANDOVER)
    return state
