"""Figures of the policies fit together: no clock ends before the one that it must outlive."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

import pytest

from domain.handover.claimed import PIN_DIGITS
from domain.money import AMOUNT_MINOR_MAX, MINOR_DIGITS
from domain.policies import VerdictOutcome, standard_policies

POLICIES = standard_policies()
GROUPS = [
    getattr(POLICIES, field.name)
    for field in fields(POLICIES)
    # Hours of the day have a rule of their own: they are of a place and its weekdays.
    if is_dataclass(getattr(POLICIES, field.name)) and field.name != "hours"
]


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: type(group).__name__)
def test_every_figure_is_a_whole_number_with_its_unit_in_its_name(group: Any) -> None:
    units = ("_s", "_m", "_minor", "_points", "_max", "_min")
    for name, figure in figures(group):
        assert type(figure) is int, name
        assert figure >= 0, name
        assert name.endswith(units), name


def figures(group: Any) -> Iterator[tuple[str, Any]]:
    """Return every figure by its name; a ladder of figures counts step by step."""
    for field in fields(group):
        value = getattr(group, field.name)
        if isinstance(value, tuple):
            yield from (figure for step in value for figure in figures(step))
        else:
            yield field.name, value


def test_a_handover_code_outlives_pickup_and_transit() -> None:
    windows = POLICIES.windows
    assert windows.code_s > windows.pickup_s + windows.transit_s


def test_an_agent_is_reminded_before_the_last_deadline() -> None:
    assert 0 < POLICIES.windows.verdict_s < POLICIES.windows.verdict_final_s


def test_a_traveler_is_reminded_often_and_a_person_looks_before_money_is_held_too_long() -> None:
    windows = POLICIES.windows
    assert 0 < 4 * windows.account_reminder_s < windows.account_s_max
    assert windows.account_s_max + 14 * 86_400 <= POLICIES.horizons.capture_s_max


def test_waits_grow_up_to_their_longest() -> None:
    assert POLICIES.windows.payment_poll_s <= POLICIES.windows.payment_poll_s_max
    assert POLICIES.retries.first_wait_s <= POLICIES.retries.longest_wait_s


def test_a_step_is_parked_within_the_bound_of_a_provider() -> None:
    retries, wait_s, total_s = POLICIES.retries, POLICIES.retries.first_wait_s, 0
    for _ in range(retries.tries_max - 1):
        total_s += wait_s
        wait_s = min(2 * wait_s, retries.longest_wait_s)
    assert total_s + retries.tries_max * retries.call_s_max <= POLICIES.windows.provider_s


def test_the_greatest_offer_fits_the_card_networks_in_every_currency() -> None:
    hundredths = POLICIES.prices.offer_minor_max
    assert hundredths * 10 ** (max(MINOR_DIGITS.values()) - 2) <= AMOUNT_MINOR_MAX


def test_guessing_a_pin_is_hopeless() -> None:
    assert 10**PIN_DIGITS / POLICIES.limits.wrong_codes_max >= 200_000


def test_a_proven_handover_is_released_when_no_agent_decides() -> None:
    assert POLICIES.verdict_default is VerdictOutcome.RELEASE


def test_evidence_is_seen_by_staff_before_it_is_submitted_and_submitted_before_it_is_due() -> None:
    chargebacks = POLICIES.chargebacks
    assert 0 < chargebacks.evidence_look_s <= chargebacks.submit_margin_s
    assert chargebacks.read_again_s <= chargebacks.read_again_s_max <= chargebacks.submit_margin_s
