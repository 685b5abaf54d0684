"""Rules of risk: each gives its points with its reason, and nothing bad ever lowers a score."""

from __future__ import annotations

from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import RefusalCode
from domain.handover.places import Fix
from domain.pricing import Place
from domain.risk.policy import UNSCORED, Grade, RiskPolicy, Youth
from domain.risk.reasons import WORDS, RiskReason
from domain.risk.rules import RULES, RuleModel, reached, young
from domain.risk.signals import (
    KM_H_MAX,
    WRONG_TRIES,
    RiskSignals,
    implied_km_h,
)

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
BERLIN = Place(52.5401, 13.4105)
MUNICH = Place(48.1353, 11.569)
POLICY = RiskPolicy()
MODEL = RuleModel()
NAMES = [field.name for field in fields(RiskSignals)]
AGES = ("device_age_s", "account_age_s")

ONE_SIGNAL_EACH: dict[RiskReason, tuple[RiskSignals, int]] = {
    RiskReason.DEVICE_NEW: (RiskSignals(device_age_s=3_599), 10),
    RiskReason.DEVICE_CHANGED: (RiskSignals(devices_since_deal=1), 10),
    RiskReason.PLACE_JUMP: (RiskSignals(jump_km_h=1_000), 60),
    RiskReason.PLACE_MOCKED: (RiskSignals(mocked_positions=1), 60),
    RiskReason.ATTEMPTS_MANY: (RiskSignals(attempts_of_hour=200), 10),
    RiskReason.REFUSALS_MANY: (RiskSignals(refusals_of_hour=15), 10),
    RiskReason.SHARED_DEVICE: (RiskSignals(shared_devices=1), 60),
    RiskReason.SHARED_CARD: (RiskSignals(shared_cards=1), 50),
    RiskReason.SHARED_CONTACT: (RiskSignals(shared_contacts=1), 50),
    RiskReason.SHARED_ADDRESS: (RiskSignals(shared_addresses=1), 15),
    RiskReason.DISPUTES_OPENED: (RiskSignals(disputes_opened=3), 5),
    RiskReason.DISPUTES_LOST: (RiskSignals(disputes_lost=3), 20),
    RiskReason.CHARGEBACKS: (RiskSignals(chargebacks=1), 15),
    RiskReason.ACCOUNT_NEW: (RiskSignals(account_age_s=86_399), 10),
    RiskReason.STRIKES: (RiskSignals(strikes=1), 5),
}

signals = st.builds(
    RiskSignals,
    **{
        field.name: st.none() | st.integers(0, 10**8)
        if field.name in (*AGES, "jump_km_h")
        else st.integers(0, 1_000)
        for field in fields(RiskSignals)
    },
)
grades = st.lists(st.builds(Grade, st.integers(0, 1_000), st.integers(0, 100))).map(tuple)
youths = st.lists(st.builds(Youth, st.integers(0, 10**8), st.integers(0, 100))).map(tuple)


@st.composite
def policies(draw: st.DrawFn) -> RiskPolicy:
    drawn: dict[str, Any] = {}
    for field in fields(RiskPolicy):
        ladder = getattr(POLICY, field.name)
        if isinstance(ladder, tuple):
            drawn[field.name] = draw(youths if isinstance(ladder[0], Youth) else grades)
    return replace(POLICY, **drawn)


@pytest.mark.parametrize("reason", RiskReason)
def test_every_reason_has_words_a_rule_and_its_points(reason: RiskReason) -> None:
    found, points = ONE_SIGNAL_EACH[reason]
    assessment = MODEL.assess(found, POLICY)
    assert assessment.score == points
    assert dict(assessment.points) == {reason: points}
    assert WORDS[reason].endswith(".")
    assert reason in RULES


def test_nothing_known_is_nothing_held_against_anybody() -> None:
    assert MODEL.assess(RiskSignals(), POLICY).score == 0


def test_a_first_delivery_with_a_new_phone_and_a_new_account_is_no_risk() -> None:
    found = RiskSignals(device_age_s=60, devices_since_deal=1, account_age_s=600)
    assert MODEL.assess(found, POLICY).score < POLICY.step_up_points
    assert MODEL.assess(found, POLICY).score < POLICY.maximum_hold_points


def test_the_thresholds_are_a_ladder_that_no_weak_sign_reaches_alone() -> None:
    assert 0 < POLICY.step_up_points < POLICY.hold_points < POLICY.refuse_points <= 100
    assert POLICY.step_up_points <= POLICY.maximum_hold_points <= POLICY.hold_points


def test_an_order_of_old_is_not_scored_at_all() -> None:
    assert not UNSCORED.is_scored
    worst = replace(RiskSignals(), **{name: 10**6 for name in NAMES if name not in AGES})
    assert MODEL.assess(worst, UNSCORED).score == 0
    assert POLICY.is_scored


@given(signals, signals, policies())
def test_a_worse_signal_never_lowers_the_score(
    one: RiskSignals, other: RiskSignals, policy: RiskPolicy
) -> None:
    worse = replace(one, **{name: worse_of(one, other, name) for name in NAMES})
    before, after = MODEL.assess(one, policy), MODEL.assess(worse, policy)
    assert 0 <= before.score <= after.score <= 100
    assert before.points.keys() <= after.points.keys()


@given(signals)
def test_a_score_is_the_sum_of_its_reasons_up_to_a_hundred(found: RiskSignals) -> None:
    assessment = MODEL.assess(found, POLICY)
    assert assessment.score == min(100, sum(assessment.points.values()))
    assert all(points > 0 for points in assessment.points.values())


def worse_of(one: RiskSignals, other: RiskSignals, name: str) -> Any:
    known = [value for value in (getattr(one, name), getattr(other, name)) if value is not None]
    if not known:
        return None
    return min(known) if name in AGES else max(known)


def test_of_several_grades_the_greatest_counts_in_whatever_order_they_are() -> None:
    assert reached((Grade(5, 30), Grade(2, 10)), 9) == 30
    assert reached((Grade(5, 10), Grade(2, 30)), 9) == 30
    assert reached((Grade(5, 30),), 4) == 0
    assert young((Youth(60, 5), Youth(10, 20)), 9) == 20
    assert young((Youth(60, 5), Youth(10, 20)), 10) == 5


def test_only_refusals_that_there_are_count_as_wrong_tries() -> None:
    assert {str(code) for code in RefusalCode} >= WRONG_TRIES


def at(place: Place, minutes: float, accuracy_m: float = 20) -> Fix:
    return Fix(place, accuracy_m, NOW + timedelta(minutes=minutes))


def test_the_speed_between_two_positions_is_that_of_the_straight_way() -> None:
    # Berlin to Munich is about 505 km.
    assert implied_km_h(at(BERLIN, 0), at(MUNICH, 60)) == pytest.approx(507, abs=10)
    assert implied_km_h(at(MUNICH, 60), at(BERLIN, 0)) == pytest.approx(507, abs=10)


def test_without_two_positions_there_is_no_speed() -> None:
    assert implied_km_h(None, at(BERLIN, 0)) is None
    assert implied_km_h(at(BERLIN, 0), None) is None


def test_what_both_positions_are_off_by_is_no_way() -> None:
    near = Place(BERLIN.latitude + 0.0003, BERLIN.longitude)
    assert implied_km_h(at(BERLIN, 0), at(near, 0)) == 0


def test_two_places_at_the_same_moment_are_a_jump() -> None:
    speed = implied_km_h(at(BERLIN, 0), at(MUNICH, 0))
    assert speed is not None
    assert 1_000 < speed <= KM_H_MAX
