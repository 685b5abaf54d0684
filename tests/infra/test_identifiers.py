"""New ids sort by time and are never the same."""

from __future__ import annotations

import time
from uuid import RFC_4122, UUID

from infra.identifiers import new_id


def test_ids_are_version_7_of_the_standard() -> None:
    made = [UUID(new_id()) for _ in range(100)]
    assert {one.version for one in made} == {7}
    assert {one.variant for one in made} == {RFC_4122}
    assert len(set(made)) == 100


def test_ids_begin_with_the_milliseconds_of_their_making() -> None:
    first, last = (UUID(new_id()).int >> 80 for _ in range(2))
    assert first <= last
    assert first > 1_700_000_000_000


def test_ids_of_one_millisecond_sort_in_the_order_of_their_making() -> None:
    made = [_a_microsecond_later() for _ in range(1_000)]
    assert made == sorted(made)


def _a_microsecond_later() -> str:
    begun = time.time_ns()
    while time.time_ns() < begun + 1_000:
        pass
    return new_id()
