"""Positions: what places somebody at a handover, and what places nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.errors import RefusalCode
from domain.handover.places import Fix, check_fix, check_near, check_together
from domain.handover.policy import ProofPolicy
from domain.pricing import Place
from tests.domain.builders import NOW, refusal_of

POLICY = ProofPolicy()
HERE = Place(52.5401, 13.4105)
FIX = Fix(HERE, 9.5, NOW - timedelta(seconds=5))
NAN, INFINITE = float("nan"), float("inf")
_C = RefusalCode


def north(metres: float) -> Place:
    return replace(HERE, latitude=HERE.latitude + metres / 111_195)


def test_a_fresh_exact_position_places_somebody() -> None:
    for fix in (
        FIX,
        replace(FIX, accuracy_m=50),
        replace(FIX, taken_at=NOW - timedelta(seconds=60)),
        replace(FIX, taken_at=NOW + timedelta(seconds=30)),
    ):
        assert check_fix(POLICY, fix, NOW) is fix


@pytest.mark.parametrize(
    ("fix", "refusal"),
    [
        (None, _C.PLACE_MISSING),
        (replace(FIX, is_mock=True), _C.PLACE_MOCKED),
        (replace(FIX, accuracy_m=5_000), _C.PLACE_INACCURATE),
        (replace(FIX, accuracy_m=50.1), _C.PLACE_INACCURATE),
        (replace(FIX, accuracy_m=-1), _C.PLACE_INACCURATE),
        (replace(FIX, accuracy_m=NAN), _C.PLACE_INACCURATE),
        (replace(FIX, accuracy_m=INFINITE), _C.PLACE_INACCURATE),
        (replace(FIX, taken_at=NOW - timedelta(hours=2)), _C.PLACE_OUTDATED),
        (replace(FIX, taken_at=NOW - timedelta(seconds=61)), _C.PLACE_OUTDATED),
        (replace(FIX, taken_at=NOW + timedelta(minutes=5)), _C.PLACE_OUTDATED),
    ],
)
def test_any_other_position_places_nobody(fix: Fix | None, refusal: RefusalCode) -> None:
    assert refusal_of(check_fix, POLICY, fix, NOW) is refusal


def test_near_is_within_the_radius_of_the_agreed_place() -> None:
    check_near(POLICY, FIX, north(199))
    for place in (north(201), north(5_000), Place(NAN, NAN)):
        assert refusal_of(check_near, POLICY, FIX, place) is _C.PLACE_TOO_FAR


def test_together_are_two_who_are_a_hundred_metres_apart_at_most() -> None:
    check_together(POLICY, FIX, replace(FIX, place=north(99)))
    apart = replace(FIX, place=north(101))
    assert refusal_of(check_together, POLICY, FIX, apart) is _C.PLACE_TOO_FAR
