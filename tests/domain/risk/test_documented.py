"""The table that staff read says what the policy says."""

from __future__ import annotations

import re
from pathlib import Path

from domain.risk.policy import Grade, RiskPolicy, Youth
from domain.risk.reasons import RiskReason

PAGE = Path(__file__).parents[3] / "docs" / "handover.md"
POLICY = RiskPolicy()
LADDERS: dict[RiskReason, tuple[Grade | Youth, ...]] = {
    RiskReason.DEVICE_NEW: POLICY.device_age,
    RiskReason.DEVICE_CHANGED: (Grade(1, POLICY.device_since_deal_points),),
    RiskReason.PLACE_JUMP: POLICY.jump,
    RiskReason.PLACE_MOCKED: (Grade(1, POLICY.mocked_points),),
    RiskReason.ATTEMPTS_MANY: POLICY.attempts,
    RiskReason.REFUSALS_MANY: POLICY.refusals,
    RiskReason.SHARED_DEVICE: POLICY.shared_devices,
    RiskReason.SHARED_CARD: POLICY.shared_cards,
    RiskReason.SHARED_CONTACT: POLICY.shared_contacts,
    RiskReason.SHARED_ADDRESS: POLICY.shared_addresses,
    RiskReason.DISPUTES_OPENED: POLICY.disputes_opened,
    RiskReason.DISPUTES_LOST: POLICY.disputes_lost,
    RiskReason.CHARGEBACKS: POLICY.chargebacks,
    RiskReason.ACCOUNT_NEW: POLICY.account_age,
    RiskReason.STRIKES: POLICY.strikes,
}


def test_every_reason_is_in_the_table_with_its_points() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| ([\d, ]+) \|", PAGE.read_text(), re.MULTILINE))
    assert rows == {
        str(reason): ", ".join(str(grade.risk_points) for grade in ladder)
        for reason, ladder in LADDERS.items()
    }
    assert set(LADDERS) == set(RiskReason)


def test_the_thresholds_are_in_the_table() -> None:
    page = PAGE.read_text()
    for points in (POLICY.step_up_points, POLICY.hold_points, POLICY.refuse_points):
        assert f"| from {points} |" in page
    assert f"a scan is held from {POLICY.maximum_hold_points} on" in page
