"""The commands of people who leave a delivery before its pickup, or wait there in vain."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from domain.contracts import Actor, Role
from domain.ids import DisputeId


@dataclass(frozen=True, slots=True)
class WithdrawTraveler:
    """The traveler of the accepted offer gives the delivery back before the pickup."""

    actor: Actor
    """The traveler."""


@dataclass(frozen=True, slots=True)
class ReportNoShow:
    """One side of the pickup is there and the other is not."""

    actor: Actor
    """The traveler, the sender or the customer."""
    distance_m: int | None = None
    """For the traveler: how far from the pickup place, in metres; none when no position was sent."""


@dataclass(frozen=True, slots=True)
class ContestNoShow:
    """Who was reported says that it is not so; an agent decides."""

    actor: Actor
    """Somebody of the reported side."""
    dispute_id: DisputeId
    """Id of the new dispute, made by the API."""


@dataclass(frozen=True, slots=True)
class NoShow:
    """A report that waits for the other side to come, or to contest it."""

    absent: Role
    """Who is not there: `sender` or `traveler`."""
    pickup_at: datetime | None
    """When the agreed pickup ends, in UTC: it holds again when the other side comes after all."""
