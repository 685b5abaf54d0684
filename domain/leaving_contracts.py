"""The commands of people who leave a delivery before its pickup, or wait there in vain."""

from __future__ import annotations

from dataclasses import dataclass

from domain.contracts import Actor


@dataclass(frozen=True, slots=True)
class WithdrawTraveler:
    """The traveler of the accepted offer gives the delivery back before the pickup."""

    actor: Actor
    """The traveler."""
