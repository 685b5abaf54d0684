"""The transparent model: one rule per reason, whose points add up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from domain.risk.deciding import SCORE_MAX, Assessment
from domain.risk.policy import Grade, RiskPolicy, Youth
from domain.risk.reasons import RiskReason
from domain.risk.signals import RiskSignals

Rule = Callable[[RiskSignals, RiskPolicy], int]
"""Returns the points that one reason gives; zero when it does not apply."""


def reached(grades: tuple[Grade, ...], measure: int | None) -> int:
    """Return the points of the greatest grade that a measure reaches."""
    if measure is None:
        return 0
    return max((grade.risk_points for grade in grades if measure >= grade.measure_min), default=0)


def young(grades: tuple[Youth, ...], age_s: int | None) -> int:
    """Return the points of the greatest grade that an age is below."""
    if age_s is None:
        return 0
    return max((grade.risk_points for grade in grades if age_s < grade.below_s), default=0)


_R = RiskReason
RULES: Final[Mapping[RiskReason, Rule]] = {
    _R.DEVICE_NEW: lambda signals, policy: young(policy.device_age, signals.device_age_s),
    _R.DEVICE_CHANGED: lambda signals, policy: (
        policy.device_since_deal_points if signals.devices_since_deal else 0
    ),
    _R.PLACE_JUMP: lambda signals, policy: reached(policy.jump, signals.jump_km_h),
    _R.PLACE_MOCKED: lambda signals, policy: (
        policy.mocked_points if signals.mocked_positions else 0
    ),
    _R.ATTEMPTS_MANY: lambda signals, policy: reached(policy.attempts, signals.attempts_of_hour),
    _R.REFUSALS_MANY: lambda signals, policy: max(
        reached(policy.refusals, signals.refusals_of_hour),
        reached(policy.refusals_of_day, signals.refusals_of_day),
    ),
    _R.SHARED_DEVICE: lambda signals, policy: reached(
        policy.shared_devices, signals.shared_devices
    ),
    _R.SHARED_CARD: lambda signals, policy: reached(policy.shared_cards, signals.shared_cards),
    _R.SHARED_CONTACT: lambda signals, policy: reached(
        policy.shared_contacts, signals.shared_contacts
    ),
    _R.SHARED_ADDRESS: lambda signals, policy: reached(
        policy.shared_addresses, signals.shared_addresses
    ),
    _R.DISPUTES_OPENED: lambda signals, policy: reached(
        policy.disputes_opened, signals.disputes_opened
    ),
    _R.DISPUTES_LOST: lambda signals, policy: reached(policy.disputes_lost, signals.disputes_lost),
    _R.CHARGEBACKS: lambda signals, policy: reached(policy.chargebacks, signals.chargebacks),
    _R.ACCOUNT_NEW: lambda signals, policy: young(policy.account_age, signals.account_age_s),
    _R.STRIKES: lambda signals, policy: reached(policy.strikes, signals.strikes),
}
"""One rule for each reason. Points are never negative, so nothing good makes up for a bad sign."""


class RuleModel:
    """Adds the points of the rules up: what it decides can be checked with pencil and paper."""

    name: Final = "rules-1"

    def assess(self, signals: RiskSignals, policy: RiskPolicy) -> Assessment:
        """Return the sum of the points, at most 100, and every reason that gave some."""
        given = {reason: rule(signals, policy) for reason, rule in RULES.items()}
        points = {reason: count for reason, count in given.items() if count > 0}
        return Assessment(min(sum(points.values()), SCORE_MAX), points)
