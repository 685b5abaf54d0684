"""Clocks that stand still at night, on weekends and on holidays, in summer and in winter."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.business_hours import (
    AGENT_CLOCKS,
    AROUND_THE_CLOCK,
    DAY_S,
    SIDE_CLOCKS,
    HoursPolicy,
    UtcOffset,
    clock_due,
    clock_resumed,
    due_after,
    next_open,
    require_hours,
)
from domain.deadlines import DeadlineKind

HOUR_S = 3_600
SUMMER = datetime(2026, 3, 29, 1, tzinfo=UTC)
WINTER = datetime(2026, 10, 25, 1, tzinfo=UTC)
BERLIN = HoursPolicy(
    offsets=(
        UtcOffset(datetime(2026, 1, 1, tzinfo=UTC), HOUR_S),
        UtcOffset(SUMMER, 2 * HOUR_S),
        UtcOffset(WINTER, HOUR_S),
    )
)
moments = st.integers(0, 350 * DAY_S).map(
    lambda after_s: datetime(2026, 1, 2, tzinfo=UTC) + timedelta(seconds=after_s)
)
spans = st.integers(0, 20 * DAY_S)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("start", "seconds", "due"),
    [
        # On a Wednesday in summer: nine o'clock is seven in UTC.
        ("06-10T08:00", 2 * HOUR_S, "06-10T10:00"),
        ("06-10T15:00", 2 * HOUR_S, "06-11T08:00"),
        ("06-10T20:00", HOUR_S, "06-11T08:00"),
        ("06-10T03:00", HOUR_S, "06-10T08:00"),
        ("06-10T15:00", HOUR_S, "06-10T16:00"),
        # From Friday evening on, and over a weekend.
        ("06-12T15:30", HOUR_S, "06-15T07:30"),
        ("06-13T12:00", HOUR_S, "06-15T08:00"),
        # Five working days are a week, at the same time of day.
        ("06-10T08:00", 5 * DAY_S, "06-17T08:00"),
        ("06-13T12:00", 5 * DAY_S, "06-22T07:00"),
        # The clocks change in between: the same time of day is another moment.
        ("03-27T09:00", DAY_S, "03-30T08:00"),
        ("10-23T08:00", DAY_S, "10-26T09:00"),
        ("10-23T15:00", 2 * HOUR_S, "10-26T09:00"),
    ],
)
def test_only_working_time_counts(start: str, seconds: int, due: str) -> None:
    assert due_after(BERLIN, utc(start), seconds) == utc(due)


def test_holidays_do_not_count() -> None:
    christmas = replace(BERLIN, holidays=("2026-12-24", "2026-12-25"))
    assert due_after(christmas, utc("12-23T09:00"), DAY_S) == utc("12-28T09:00")
    assert next_open(christmas, utc("12-24T09:00")) == utc("12-28T08:00")


@given(moments, spans, spans)
def test_a_longer_time_is_never_due_sooner_and_nothing_is_due_at_night(
    start: datetime, seconds: int, more: int
) -> None:
    due = due_after(BERLIN, start, seconds)
    assert due >= start
    assert due_after(BERLIN, start, seconds + more) >= due
    offset = HOUR_S * (2 if SUMMER <= due < WINTER else 1)
    local = due + timedelta(seconds=offset)
    assert local.weekday() < 5
    assert 9 * HOUR_S <= local.hour * HOUR_S + local.minute * 60 + local.second <= 18 * HOUR_S


@given(moments, moments, spans)
def test_who_begins_later_is_never_due_sooner(one: datetime, two: datetime, seconds: int) -> None:
    first, second = sorted((one, two))
    assert due_after(BERLIN, first, seconds) <= due_after(BERLIN, second, seconds)


@given(moments, spans)
def test_around_the_clock_and_without_summer_time_nothing_stands_still(
    start: datetime, seconds: int
) -> None:
    always = HoursPolicy(opens_s=0, closes_s=DAY_S, weekdays=tuple(range(7)))
    assert due_after(always, start, seconds) == start + timedelta(seconds=seconds)


def test_the_clocks_of_agents_keep_hours_and_those_of_sides_where_it_says_so() -> None:
    friday, span = utc("06-12T15:30"), timedelta(hours=1)
    plain, kept = friday + span, utc("06-15T07:30")
    both = replace(BERLIN, sides_too=True)
    for kind in DeadlineKind:
        assert clock_due(AROUND_THE_CLOCK, kind, friday, HOUR_S) == plain
        keeps = kind in AGENT_CLOCKS
        assert clock_due(BERLIN, kind, friday, HOUR_S) == (kept if keeps else plain)
        keeps = keeps or kind in SIDE_CLOCKS
        assert clock_due(both, kind, friday, HOUR_S) == (kept if keeps else plain)


def test_a_clock_that_goes_on_never_runs_out_at_night() -> None:
    friday, left = utc("06-12T15:30"), timedelta(hours=20)
    assert clock_resumed(BERLIN, DeadlineKind.VERDICT, friday, left) == utc("06-15T07:00")
    assert clock_resumed(AROUND_THE_CLOCK, DeadlineKind.VERDICT, friday, left) == friday + left


@pytest.mark.parametrize(
    "figures",
    [
        {"weekdays": ()},
        {"weekdays": (7,)},
        {"opens_s": 64_800, "closes_s": 32_400},
        {"closes_s": 90_000},
        {"holidays": ("Christmas",)},
    ],
)
def test_hours_that_never_open_are_refused(figures: dict[str, object]) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 -- Each says in its own words what is wrong.
        require_hours(replace(BERLIN, **figures))  # type: ignore[arg-type]
