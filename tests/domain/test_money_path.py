"""How far ahead a delivery is decides how its payment is held."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.money_path import (
    MoneyPath,
    capture_at,
    charge_at,
    expected_delivery,
    money_path,
    pickup_due,
)
from domain.policies import HorizonPolicy
from tests.domain.builders import ORDER

NOW = datetime(2030, 1, 1, tzinfo=UTC)
POLICY = HorizonPolicy()


@pytest.mark.parametrize(
    ("days", "path"),
    [
        (0, MoneyPath.AUTHORISE),
        (5, MoneyPath.AUTHORISE),
        (6, MoneyPath.CAPTURE),
        (85, MoneyPath.CAPTURE),
        (86, MoneyPath.SAVE),
    ],
)
def test_the_horizon_chooses_the_path(days: int, path: MoneyPath) -> None:
    assert money_path(POLICY, NOW, NOW + timedelta(days=days)) is path


def test_without_named_moments_the_windows_count() -> None:
    windows = ORDER.policies.windows
    order = replace(ORDER, pickup_by=None, deliver_by=None)
    span = timedelta(seconds=windows.pickup_s + windows.transit_s)
    assert expected_delivery(order, NOW) == NOW + span


def test_named_moments_win() -> None:
    pickup_by, deliver_by = NOW + timedelta(days=2), NOW + timedelta(days=3)
    order = replace(ORDER, pickup_by=pickup_by, deliver_by=None)
    transit = timedelta(seconds=ORDER.policies.windows.transit_s)
    assert expected_delivery(order, NOW) == pickup_by + transit
    assert expected_delivery(replace(order, deliver_by=deliver_by), NOW) == deliver_by


@given(st.integers(0, 400))
def test_a_saved_method_is_charged_inside_what_may_be_held(days: int) -> None:
    delivery_by = NOW + timedelta(days=days)
    order = replace(ORDER, pickup_by=None, deliver_by=delivery_by)
    held_for = delivery_by - charge_at(order, NOW)
    assert timedelta(0) < held_for < timedelta(seconds=POLICY.capture_s_max)


def test_a_saved_method_is_charged_before_the_pickup_that_was_named() -> None:
    pickup_by, deliver_by = NOW + timedelta(days=20), NOW + timedelta(days=100)
    order = replace(ORDER, pickup_by=pickup_by, deliver_by=deliver_by)
    left = timedelta(seconds=POLICY.charge_before_pickup_s)
    assert charge_at(order, NOW) == pickup_by - left
    assert left > timedelta(seconds=ORDER.policies.windows.payment_s)


@pytest.mark.parametrize(
    ("pickup_days", "deliver_days", "due_days"),
    [(None, None, 3), (8, None, 8), (8, 20, 8), (None, 2, 2), (None, 3.5, 3), (None, 30, 29)],
)
def test_a_parcel_can_be_collected_until_its_trip(
    pickup_days: float | None, deliver_days: float | None, due_days: float
) -> None:
    order = replace(ORDER, pickup_by=_in(pickup_days), deliver_by=_in(deliver_days))
    assert pickup_due(order, NOW) == _in(due_days)


def _in(days: float | None) -> datetime | None:
    return None if days is None else NOW + timedelta(days=days)


def test_a_reservation_is_captured_before_it_is_lost() -> None:
    assert capture_at(POLICY, NOW) < NOW
