"""How far a time zone is from UTC, read from the machine's time zone database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from domain.business_hours import HoursPolicy, UtcOffset
from domain.policies import Policies

AHEAD = timedelta(days=400)
"""How far ahead offsets are looked up: longer than a delivery with its dispute lasts."""
_DAY = timedelta(days=1)


class ZoneUnknown(ValueError):
    """The machine knows no such time zone."""


def dated(policies: Policies, now: datetime) -> Policies:
    """Return policies whose business hours say how far their zone is from UTC from now on.

    Raises:
        ZoneUnknown: the machine's time zone database does not have the zone.
    """
    if not policies.hours.zone:
        return policies
    return replace(policies, hours=_dated_hours(policies.hours, now.date().toordinal()))


def offsets_of(zone: str, start: datetime, ahead: timedelta = AHEAD) -> tuple[UtcOffset, ...]:
    """Return how far a zone is from UTC at a moment, and every change that is known to follow.

    Raises:
        ZoneUnknown: the machine's time zone database does not have the zone.
    """
    try:
        info = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ZoneUnknown(
            f"the time zone {zone!r} is not known here: mend its name, or install the system's tzdata"
        ) from error
    found, moment = [UtcOffset(start, _offset_s(info, start))], start
    while moment < start + ahead:
        if _offset_s(info, moment + _DAY) != found[-1].offset_s:
            changed = _change_within(info, moment, moment + _DAY)
            found.append(UtcOffset(changed, _offset_s(info, changed)))
        moment += _DAY
    return tuple(found)


@lru_cache(maxsize=8)
def _dated_hours(hours: HoursPolicy, day: int) -> HoursPolicy:
    start = datetime.fromordinal(day).replace(tzinfo=UTC)
    return replace(hours, offsets=offsets_of(hours.zone, start))


def _offset_s(info: ZoneInfo, moment: datetime) -> int:
    offset = moment.astimezone(info).utcoffset()
    return 0 if offset is None else int(offset.total_seconds())


def _change_within(info: ZoneInfo, before: datetime, after: datetime) -> datetime:
    """Return the second at which the offset changes between two moments."""
    old = _offset_s(info, before)
    while after - before > timedelta(seconds=1):
        middle = before + (after - before) // 2
        middle = middle.replace(microsecond=0) if middle.microsecond else middle
        before, after = (middle, after) if _offset_s(info, middle) == old else (before, middle)
    return after
