"""What a traveler may ask for on top of the price: figures and reasons only."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class CostReason(StrEnum):
    """Why a journey costs more than was agreed."""

    CUSTOMS = "customs"
    TOLL = "toll"
    PARKING = "parking"
    FARE = "fare"
    PACKAGING = "packaging"
    WAITING = "waiting"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class ExtraCostPolicy:
    """How much more a traveler may ask for. Units: whole seconds, basis points and counts."""

    consent_s: int = 24 * 3_600
    """Time for the customer's answer: a day, as for everything that a bank may be asked about."""
    share_basis_points_max: int = 5_000
    """All of a delivery's extra costs together, as a share of its price in ten-thousandths: beyond
    half of it another price should have been agreed."""
    requests_max: int = 3
    """Requests over the life of a delivery, refused ones included: more would wear a customer down."""
