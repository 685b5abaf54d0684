"""The ladder of a silence: its steps, its moments, and who may end it with a word."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.deadlines import DeadlineKind
from domain.errors import RefusalCode
from domain.journey.contracts import CheckIn
from domain.journey.silence import (
    SILENCE_CLOCKS,
    check_check_in,
    next_rung,
    silent_at,
    warned_at,
)
from domain.journey.terms import UNWATCHED, SilencePolicy
from domain.policies import standard_policies
from domain.status import DeliveryStatus as D
from tests.domain.builders import (
    EVERYBODY,
    NOW,
    TRAVELER,
    refusal_of,
    refusals_by_status,
    state_at,
)

POLICY = SilencePolicy()


def test_each_step_arms_the_next_until_only_the_handover_is_left() -> None:
    armed, steps = str(DeadlineKind.HANDOVER), []
    while (rung := next_rung(POLICY, armed)) is not None:
        armed = str(rung.clock)
        steps.append((str(rung.event), rung.lasts_s))
    assert steps == [
        ("traveler_nudged", POLICY.answer_s),
        ("traveler_urged", POLICY.urgent_answer_s),
        ("traveler_missing", None),
    ]
    assert armed in SILENCE_CLOCKS


def test_a_silence_is_noticed_a_day_after_the_last_sign_where_somebody_asks() -> None:
    assert silent_at(POLICY, NOW) == NOW + timedelta(days=1)
    assert silent_at(UNWATCHED, NOW) is None
    assert standard_policies().silence == POLICY


def test_the_end_of_the_time_is_warned_of_on_ways_that_are_long_enough() -> None:
    due_at = NOW + timedelta(days=2)
    assert warned_at(POLICY, NOW, due_at) == due_at - timedelta(hours=6)
    assert warned_at(POLICY, NOW, NOW + timedelta(hours=11)) is None
    assert warned_at(UNWATCHED, NOW, due_at) is None


UNASSIGNED = dict.fromkeys([D.REQUESTED, D.EXPIRED], RefusalCode.NOT_YOUR_ROLE)


@pytest.mark.parametrize(
    ("status", "expected"), refusals_by_status({D.IN_TRANSIT, D.ARRIVED}, UNASSIGNED)
)
def test_a_word_is_taken_while_the_parcel_is_carried(
    status: D, expected: RefusalCode | None
) -> None:
    assert refusal_of(check_check_in, state_at(status), CheckIn(TRAVELER)) == expected


def test_the_traveler_and_staff_may_say_that_all_is_well() -> None:
    for name, actor in EVERYBODY.items():
        may = name in {"traveler", "agent", "operator"}
        expected = None if may else RefusalCode.NOT_YOUR_ROLE
        assert refusal_of(check_check_in, state_at(D.IN_TRANSIT), CheckIn(actor)) == expected, name
