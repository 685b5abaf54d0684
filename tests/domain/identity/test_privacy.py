"""Others read as much of a name, and see as much of a place, as somebody wants them to."""

from __future__ import annotations

import pytest

from domain.identity.privacy import ROUGH_M, NameShown, rough, shown_name
from domain.pricing import Place, distance_m


@pytest.mark.parametrize(
    ("name", "full", "first", "initials"),
    [
        ("Ada Lovelace", "Ada Lovelace", "Ada L.", "A. L."),
        ("Ada", "Ada", "Ada", "A."),
        ("Maria del Carmen Ruiz", "Maria del Carmen Ruiz", "Maria R.", "M. R."),
        ("李雷", "李雷", "李雷", "李."),
    ],
)
def test_a_name_is_shown_as_wanted(name: str, full: str, first: str, initials: str) -> None:
    assert [shown_name(name, how) for how in NameShown] == [full, first, initials]


def test_a_rough_place_is_near_but_not_there() -> None:
    place = Place(52.51627, 13.37770)
    assert 0 < distance_m(place, rough(place)) <= ROUGH_M
    assert rough(place) == rough(Place(52.51628, 13.37771)), "steps are not seen"
