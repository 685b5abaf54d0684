"""How much proof a new delivery needs."""

from __future__ import annotations

from domain.handover.levels import ProofLevel, stronger
from domain.handover.policy import ProofPolicy
from domain.money import Money
from domain.pricing import worth


def level_for(
    policy: ProofPolicy, declared: Money | None, wanted: ProofLevel = ProofLevel.STANDARD
) -> ProofLevel:
    """Return the level of a new delivery: by its declared value, or what its customer asked for.

    A customer may ask for more proof than the value needs, never for less.
    """
    return stronger(wanted, _level_of_value(policy, declared))


def value_max_without_account(policy: ProofPolicy, currency: str, value_max: int) -> int:
    """Return the greatest declared value while the recipient has no account, in minor units.

    At the maximum level both sides have to prove who they are.
    """
    if not policy.maximum_from_minor:
        return value_max
    return min(value_max, worth(policy.maximum_from_minor, currency).amount_minor - 1)


def _level_of_value(policy: ProofPolicy, declared: Money | None) -> ProofLevel:
    if declared is None:
        return ProofLevel.STANDARD
    levels = (
        (ProofLevel.MAXIMUM, policy.maximum_from_minor),
        (ProofLevel.HIGH, policy.high_from_minor),
    )
    for level, euro_cents in levels:
        if euro_cents and _is_worth(declared, euro_cents):
            return level
    return ProofLevel.STANDARD


def _is_worth(declared: Money, euro_cents: int) -> bool:
    return declared.amount_minor >= worth(euro_cents, declared.currency).amount_minor
