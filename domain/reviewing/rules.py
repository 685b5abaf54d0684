"""Reviews: who writes one about whom, until when, and from when on others see it.

Money never depends on a review: nothing here knows of any.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from domain.contracts import Role
from domain.errors import Refusal, RefusalCode
from domain.reviewing.policy import ReviewPolicy
from domain.status import CLOSED, DeliveryStatus

COUNTERPARTS: Mapping[Role, Role] = {
    Role.CUSTOMER: Role.TRAVELER,
    Role.RECIPIENT: Role.TRAVELER,
    Role.TRAVELER: Role.CUSTOMER,
}
"""Whom each author reviews; a review is shown once that one has written as well."""


class ReviewTag(StrEnum):
    """What a review says in one word."""

    ON_TIME = "on_time"
    CAREFUL = "careful"
    FRIENDLY = "friendly"
    CLEAR = "clear"
    LATE = "late"
    CARELESS = "careless"
    UNFRIENDLY = "unfriendly"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class Reviewed:
    """A delivery as its reviews depend on it."""

    status: str
    """A `DeliveryStatus`."""
    closed_at: datetime | None
    """When it closed, in UTC."""
    has_traveler: bool
    """Whether somebody was to carry the parcel."""
    written_by: frozenset[Role] = frozenset()
    """Who has written a review."""


def visible_from(
    policy: ReviewPolicy, closed_at: datetime, author: Role, written_by: Collection[Role]
) -> datetime | None:
    """Return when a review is shown at the latest, or none when it is shown now.

    Nobody reads what the other side wrote before having written, or having lost the chance to.
    """
    if COUNTERPARTS[author] in written_by:
        return None
    return closed_at + timedelta(seconds=policy.hidden_s)


def is_visible(
    policy: ReviewPolicy,
    closed_at: datetime,
    author: Role,
    written_by: Collection[Role],
    now: datetime,
) -> bool:
    """Tell whether others see a review by now."""
    moment = visible_from(policy, closed_at, author, written_by)
    return moment is None or moment <= now


def check_write(policy: ReviewPolicy, reviewed: Reviewed, author: Role, now: datetime) -> None:
    """Check that somebody may write a review, or write it anew.

    Raises:
        Refusal: `wrong_state`, `review_window_closed` or `review_visible`.
    """
    is_over = DeliveryStatus(reviewed.status) in CLOSED
    if not is_over or reviewed.closed_at is None or not reviewed.has_traveler:
        raise Refusal(
            RefusalCode.WRONG_STATE, "Reviews are written once a delivery with a traveler is over."
        )
    is_shown = is_visible(policy, reviewed.closed_at, author, reviewed.written_by, now)
    if author in reviewed.written_by and is_shown:
        raise Refusal(RefusalCode.REVIEW_VISIBLE, "The other side sees your review already.")
    if now >= reviewed.closed_at + timedelta(seconds=policy.hidden_s):
        raise Refusal(RefusalCode.REVIEW_WINDOW_CLOSED, "The time to review is over.")


def average_of(rating_sum: int, count: int) -> float | None:
    """Return the average of ratings to one tenth, halves up; none of no ratings."""
    if not count:
        return None
    return (20 * rating_sum + count) // (2 * count) / 10
