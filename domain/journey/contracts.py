"""The commands that a delivery takes between pickup and handover when something goes wrong."""

from __future__ import annotations

from dataclasses import dataclass

from domain.contracts import Actor
from domain.ids import DisputeId
from domain.journey.terms import HandoverObstacle, LossKind, UndeliverableAction


@dataclass(frozen=True, slots=True)
class ReportFailedHandover:
    """The traveler could not hand the parcel over."""

    actor: Actor
    """The traveler."""
    reason: HandoverObstacle
    """Why not."""
    distance_m: int | None = None
    """From the traveler's position to the destination in metres; none when nobody knows."""
    note: str = ""
    """What else happened; at most 500 characters, no personal data."""


@dataclass(frozen=True, slots=True)
class CheckIn:
    """The traveler, or staff who reached the traveler, says that the parcel is well on its way."""

    actor: Actor
    """The traveler, an agent or an operator."""
    note: str = ""
    """What was said; at most 500 characters, no personal data."""


@dataclass(frozen=True, slots=True)
class ReportLoss:
    """The parcel is lost, stolen or damaged on its way."""

    actor: Actor
    """The traveler or the customer."""
    dispute_id: DisputeId
    """Id of the new dispute, made by the API."""
    kind: LossKind
    """What became of it."""
    note: str = ""
    """What happened; at most 500 characters, no personal data."""


@dataclass(frozen=True, slots=True)
class LeaveParcel:
    """The traveler left the parcel where the customer had allowed it."""

    actor: Actor
    """The traveler."""
    where: UndeliverableAction
    """With a neighbour or at a safe place."""
    distance_m: int | None = None
    """From the traveler's position to the destination in metres; none when nobody knows."""
    note: str = ""
    """Where exactly; at most 500 characters, no personal data."""
