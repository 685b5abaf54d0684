"""How a code was presented is named on the timeline."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.contracts import Actor, CodePurpose, Role, ScanCode
from domain.handover.methods import method_facts

_TRAVELER = Actor(Role.TRAVELER)
_AT = datetime(2026, 10, 7, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("scan", "facts"),
    [
        (ScanCode(_TRAVELER, CodePurpose.PICKUP, "00", is_pin=False), {"method": "code"}),
        (ScanCode(_TRAVELER, CodePurpose.PICKUP, "00", is_pin=True), {"method": "pin"}),
        (
            ScanCode(
                _TRAVELER, CodePurpose.PICKUP, "00", is_pin=False, claim_id="c", claimed_at=_AT
            ),
            {"method": "offline", "claim_id": "c", "claimed_at": "2026-10-07T12:00:00+00:00"},
        ),
    ],
)
def test_a_scan_is_named_by_how_its_code_was_presented(
    scan: ScanCode, facts: dict[str, str]
) -> None:
    assert method_facts(scan) == facts
