"""Offsets from UTC, read once from the time zone database."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.business_hours import HoursPolicy, UtcOffset
from domain.policies import Policies, standard_policies
from infra.time_zones import ZoneUnknown, dated, offsets_of

NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def test_every_change_of_a_zone_is_found_to_the_second() -> None:
    found = offsets_of("Europe/Berlin", NEW_YEAR)
    assert found[:3] == (
        UtcOffset(NEW_YEAR, 3_600),
        UtcOffset(datetime(2026, 3, 29, 1, tzinfo=UTC), 7_200),
        UtcOffset(datetime(2026, 10, 25, 1, tzinfo=UTC), 3_600),
    )


def test_a_zone_without_summer_time_has_one_offset() -> None:
    assert offsets_of("Asia/Kolkata", NEW_YEAR) == (UtcOffset(NEW_YEAR, 19_800),)


def test_new_deliveries_carry_the_offsets_of_their_day_and_the_oldest_none() -> None:
    policies = dated(standard_policies(), datetime(2026, 7, 1, 15, tzinfo=UTC))
    assert policies.hours.offsets[0] == UtcOffset(datetime(2026, 7, 1, tzinfo=UTC), 7_200)
    assert dated(Policies(), NEW_YEAR) == Policies()


@pytest.mark.parametrize("zone", ["Europe/Atlantis", "../etc/passwd", "Berlin\x00"])
def test_a_zone_that_nobody_knows_is_refused(zone: str) -> None:
    with pytest.raises(ZoneUnknown):
        dated(Policies(hours=HoursPolicy(zone=zone)), NEW_YEAR)
