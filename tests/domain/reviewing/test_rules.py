"""Who writes a review until when, and when the other side reads it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import Role
from domain.errors import Refusal, RefusalCode
from domain.reviewing.policy import ReviewPolicy
from domain.reviewing.rules import (
    COUNTERPARTS,
    Reviewed,
    average_of,
    check_write,
    is_visible,
    visible_from,
)
from domain.status import CLOSED, DeliveryStatus

POLICY = ReviewPolicy()
CLOSE = datetime(2026, 5, 10, 12, tzinfo=UTC)
WEEK, SECOND = timedelta(days=7), timedelta(seconds=1)
authors = st.sampled_from(sorted(COUNTERPARTS))
moments = st.timedeltas(timedelta(0), timedelta(days=10)).map(lambda after: CLOSE + after)


def refusal(reviewed: Reviewed, author: Role, now: datetime) -> RefusalCode | None:
    """Return why a review may not be written, or none."""
    try:
        check_write(POLICY, reviewed, author, now)
    except Refusal as refused:
        return refused.code
    return None


@given(st.frozensets(authors), authors, moments)
def test_nobody_writes_after_reading_what_the_other_side_wrote(
    written_by: frozenset[Role], author: Role, now: datetime
) -> None:
    reviewed = Reviewed(DeliveryStatus.COMPLETED, CLOSE, has_traveler=True, written_by=written_by)
    other = COUNTERPARTS[author]
    reads_other = other in written_by and is_visible(POLICY, CLOSE, other, written_by, now)
    if refusal(reviewed, author, now) is None and COUNTERPARTS[other] is author:
        assert not (reads_other and author in written_by)


def test_a_review_is_seen_once_both_are_in_or_a_week_has_passed() -> None:
    alone = frozenset({Role.CUSTOMER})
    assert visible_from(POLICY, CLOSE, Role.CUSTOMER, alone) == CLOSE + WEEK
    assert not is_visible(POLICY, CLOSE, Role.CUSTOMER, alone, CLOSE + WEEK - SECOND)
    assert is_visible(POLICY, CLOSE, Role.CUSTOMER, alone, CLOSE + WEEK)
    both = alone | {Role.TRAVELER}
    assert visible_from(POLICY, CLOSE, Role.CUSTOMER, both) is None
    assert visible_from(POLICY, CLOSE, Role.TRAVELER, both) is None
    recipient_s = frozenset({Role.RECIPIENT, Role.TRAVELER})
    assert visible_from(POLICY, CLOSE, Role.RECIPIENT, recipient_s) is None
    # The customer, whom the traveler reviews, has not written: nothing to answer to yet.
    assert visible_from(POLICY, CLOSE, Role.TRAVELER, recipient_s) == CLOSE + WEEK


@pytest.mark.parametrize("status", DeliveryStatus)
def test_only_what_is_over_and_had_a_traveler_is_reviewed(status: DeliveryStatus) -> None:
    closed_at = CLOSE if status in CLOSED else None
    code = refusal(Reviewed(status, closed_at, has_traveler=True), Role.CUSTOMER, CLOSE)
    assert (code is None) == (status in CLOSED)
    never = refusal(Reviewed(status, closed_at, has_traveler=False), Role.CUSTOMER, CLOSE)
    assert never is RefusalCode.WRONG_STATE


def test_a_review_is_written_anew_until_it_is_seen_and_never_after_a_week() -> None:
    alone = Reviewed(DeliveryStatus.COMPLETED, CLOSE, True, frozenset({Role.CUSTOMER}))
    assert refusal(alone, Role.CUSTOMER, CLOSE + WEEK - SECOND) is None
    assert refusal(alone, Role.CUSTOMER, CLOSE + WEEK) is RefusalCode.REVIEW_VISIBLE
    assert refusal(alone, Role.TRAVELER, CLOSE + WEEK) is RefusalCode.REVIEW_WINDOW_CLOSED
    both = Reviewed(
        DeliveryStatus.COMPLETED, CLOSE, True, frozenset({Role.CUSTOMER, Role.TRAVELER})
    )
    assert refusal(both, Role.CUSTOMER, CLOSE) is RefusalCode.REVIEW_VISIBLE
    assert refusal(both, Role.RECIPIENT, CLOSE) is None


@pytest.mark.parametrize(
    ("ratings", "average"),
    [([], None), ([5], 5.0), ([5, 4], 4.5), ([4, 4, 5], 4.3), ([1] * 20, 1.0)],
)
def test_averages_are_rounded_to_one_tenth(ratings: list[int], average: float | None) -> None:
    assert average_of(sum(ratings), len(ratings)) == average
