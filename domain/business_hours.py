"""Clocks that stand still at night, on weekends and on holidays.

The rule works on figures alone: how far a place is from UTC, and from when on, comes with the policy.
Nothing here reads a time zone database, so that a clock is the same on every machine and for ever.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from domain.deadlines import DeadlineKind

DAY_S = 86_400
_DAY = timedelta(days=1)
DAYS_MAX = 3_650
"""How far ahead an open day is looked for; figures that never open are refused with the settings."""

AGENT_CLOCKS = frozenset({DeadlineKind.VERDICT, DeadlineKind.VERDICT_FINAL, DeadlineKind.REVIEW})
"""Clocks of agents."""
SIDE_CLOCKS = frozenset(
    {
        DeadlineKind.ANSWER_OF_CUSTOMER,
        DeadlineKind.ANSWER_OF_TRAVELER,
        DeadlineKind.NEGOTIATION,
        DeadlineKind.REPLY_OF_CUSTOMER,
        DeadlineKind.REPLY_OF_TRAVELER,
        DeadlineKind.APPEAL,
    }
)
"""Clocks of the sides of a dispute, who have weekends of their own."""


@dataclass(frozen=True, slots=True)
class UtcOffset:
    """How far a place is from UTC."""

    since: datetime
    """From when on, in UTC."""
    offset_s: int
    """East of Greenwich is more than zero."""


@dataclass(frozen=True, slots=True)
class HoursPolicy:
    """When staff are at work. Units: whole seconds since local midnight."""

    zone: str = "Europe/Berlin"
    """Where they are, by the name in the time zone database; empty for around the clock."""
    opens_s: int = 9 * 3_600
    """Beginning of their day: nine o'clock."""
    closes_s: int = 18 * 3_600
    """End of their day: six in the evening. A day has twenty-four hours at most."""
    weekdays: tuple[int, ...] = (0, 1, 2, 3, 4)
    """Days on which they work; Monday is zero."""
    holidays: tuple[str, ...] = ()
    """Days on which they do not, as `2026-12-25`; they differ by country, so there are none at first."""
    sides_too: bool = False
    """Whether the clocks of a dispute's sides stand still as well: people travel on weekends."""
    offsets: tuple[UtcOffset, ...] = ()
    """How far the zone is from UTC, the earliest first, as it was known when a delivery was opened.
    Without any it is UTC."""


AROUND_THE_CLOCK = HoursPolicy(zone="")
"""No clock stands still: how the oldest deliveries go on."""


def require_hours(hours: HoursPolicy) -> None:
    """Check that staff are at work at some time.

    Raises:
        ValueError: they never are, or a holiday is no date.
    """
    if not 0 <= hours.opens_s < hours.closes_s <= DAY_S:
        raise ValueError("the day has to open before it closes, within twenty-four hours")
    if not hours.weekdays or not set(hours.weekdays) <= set(range(7)):
        raise ValueError("name at least one weekday, from 0 for Monday to 6 for Sunday")
    for holiday in hours.holidays:
        date.fromisoformat(holiday)


def clock_due(hours: HoursPolicy, kind: DeadlineKind, now: datetime, seconds: int) -> datetime:
    """Return when a clock of a dispute runs out that begins now, in UTC.

    Agents' clocks keep business hours where the policy names them, those of the sides only where it
    says so too.
    """
    if not _keeps_hours(hours, kind):
        return now + timedelta(seconds=seconds)
    return due_after(hours, now, seconds)


def clock_resumed(
    hours: HoursPolicy, kind: DeadlineKind, now: datetime, left: timedelta
) -> datetime:
    """Return when a clock runs out that had so much left when it was stopped, never at night."""
    due_at = now + left
    return next_open(hours, due_at) if _keeps_hours(hours, kind) else due_at


def due_after(hours: HoursPolicy, start: datetime, seconds: int) -> datetime:
    """Return the moment so much working time after another, in UTC.

    Whole days count working days and keep the time of day; what is less than a day counts open hours,
    those of one day at most. Nothing counts before the next opening.
    """
    days, rest_s = divmod(seconds, DAY_S)
    # Twenty-three hours must not be longer than a day, which has nine open ones.
    rest_s = min(rest_s, hours.closes_s - hours.opens_s)
    local = _next_open_local(hours, _to_local(hours, start))
    if days:
        moved = _days_from(hours, local.date() + _DAY)
        local = datetime.combine([next(moved) for _ in range(days)][-1], local.time())
    return _to_utc(hours, _after_open_time(hours, local, timedelta(seconds=rest_s)))


def next_open(hours: HoursPolicy, moment: datetime) -> datetime:
    """Return a moment itself when staff are at work then, else the next one at which they are, in UTC."""
    return _to_utc(hours, _next_open_local(hours, _to_local(hours, moment)))


def _keeps_hours(hours: HoursPolicy, kind: DeadlineKind) -> bool:
    if not hours.zone:
        return False
    return kind in AGENT_CLOCKS or (hours.sides_too and kind in SIDE_CLOCKS)


def _after_open_time(hours: HoursPolicy, local: datetime, left: timedelta) -> datetime:
    """Return the local moment so much open time after an open one."""
    while True:
        left_today = _closing(hours, local.date()) - local
        if left <= left_today:
            return local + left
        left -= left_today
        local = _opening(hours, next(_days_from(hours, local.date() + _DAY)))


def _next_open_local(hours: HoursPolicy, local: datetime) -> datetime:
    for day in _days_from(hours, local.date()):
        if local < _closing(hours, day):
            return max(local, _opening(hours, day))
    raise AssertionError("some day is open")


def _days_from(hours: HoursPolicy, first: date) -> Iterator[date]:
    """Return the working days from a day on."""
    for ahead in range(DAYS_MAX):
        day = first + ahead * _DAY
        if day.weekday() in hours.weekdays and day.isoformat() not in hours.holidays:
            yield day


def _opening(hours: HoursPolicy, day: date) -> datetime:
    return datetime.combine(day, datetime.min.time()) + timedelta(seconds=hours.opens_s)


def _closing(hours: HoursPolicy, day: date) -> datetime:
    return datetime.combine(day, datetime.min.time()) + timedelta(seconds=hours.closes_s)


def _to_local(hours: HoursPolicy, moment: datetime) -> datetime:
    """Return what the clocks of the place show, without a zone."""
    return (moment.astimezone(UTC) + _offset_at(hours, moment)).replace(tzinfo=None)


def _to_utc(hours: HoursPolicy, local: datetime) -> datetime:
    """Return when the clocks of the place show something; of two such moments the first.

    A time that the clocks jump over is as long after the jump as it would have been before.
    """
    as_utc = local.replace(tzinfo=UTC)
    around = [as_utc - _offset_at(hours, as_utc + shift) for shift in (-_DAY, _DAY)]
    fitting = [moment for moment in around if _to_local(hours, moment) == local]
    return min(fitting) if fitting else around[0]


def _offset_at(hours: HoursPolicy, moment: datetime) -> timedelta:
    known = [each.offset_s for each in hours.offsets if each.since <= moment]
    first = hours.offsets[0].offset_s if hours.offsets else 0
    return timedelta(seconds=known[-1] if known else first)
