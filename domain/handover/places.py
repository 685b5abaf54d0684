"""Positions that a phone gives with a scan, and whether they place somebody at a handover."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.errors import Refusal, RefusalCode
from domain.handover.policy import ProofPolicy
from domain.pricing import Place, distance_m


@dataclass(frozen=True, slots=True)
class Fix:
    """One position of a phone."""

    place: Place
    """Where it was."""
    accuracy_m: float
    """Radius of 68 % confidence in metres."""
    taken_at: datetime
    """When it was taken, by the phone's clock, in UTC."""
    is_mock: bool = False
    """Whether the phone said that the position was made up."""


def check_fix(policy: ProofPolicy, fix: Fix | None, now: datetime) -> Fix:
    """Check that a position is there, real, exact and fresh enough to place somebody.

    Raises:
        Refusal: `place_missing`, `place_mocked`, `place_inaccurate` or `place_outdated`.
    """
    if fix is None:
        raise Refusal(
            RefusalCode.PLACE_MISSING, "Allow the position of this phone, and scan again."
        )
    if fix.is_mock:
        raise Refusal(RefusalCode.PLACE_MOCKED, "Turn off what makes positions up, and scan again.")
    # Not "greater than": what is no number at all is refused as well.
    if not 0 <= fix.accuracy_m <= policy.accuracy_m_max:
        raise Refusal(
            RefusalCode.PLACE_INACCURATE,
            f"The position must be exact to {policy.accuracy_m_max} m: step outside or to a window.",
        )
    age_s = (now - fix.taken_at) / timedelta(seconds=1)
    if not -policy.clock_ahead_s_max <= age_s <= policy.fix_age_s_max:
        raise Refusal(
            RefusalCode.PLACE_OUTDATED,
            f"The position must be at most {policy.fix_age_s_max} s old: take a new one.",
        )
    return fix


def check_near(policy: ProofPolicy, fix: Fix, place: Place) -> None:
    """Check that a position is near enough to the agreed place.

    Raises:
        Refusal: `place_too_far`.
    """
    if not distance_m(fix.place, place) <= policy.radius_m:
        raise Refusal(
            RefusalCode.PLACE_TOO_FAR,
            f"This is more than {policy.radius_m} m from where the parcel changes hands.",
        )


def check_together(policy: ProofPolicy, one: Fix, other: Fix) -> None:
    """Check that the two sides of a handover are at the same place.

    Raises:
        Refusal: `place_too_far`.
    """
    if not distance_m(one.place, other.place) <= policy.apart_m_max:
        raise Refusal(
            RefusalCode.PLACE_TOO_FAR,
            f"The two of you are more than {policy.apart_m_max} m apart.",
        )
