"""Chargebacks: how they stand, and what their workflows tell each other."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.ids import ChargebackId, DeliveryId
from domain.money import Money


class ChargebackStatus(StrEnum):
    """Where a chargeback stands, whichever provider reports it."""

    ANNOUNCED = "announced"
    """The provider reported it and nobody has read it yet."""
    INQUIRY = "inquiry"
    """A bank only asks: no money moves."""
    OPEN = "open"
    """A card network has taken, or is taking, the disputed funds and will decide."""
    WON = "won"
    LOST = "lost"
    CLOSED_WITHOUT_LOSS = "closed_without_loss"
    """An inquiry that ended without a chargeback."""


DECIDED: frozenset[ChargebackStatus] = frozenset(
    {ChargebackStatus.WON, ChargebackStatus.LOST, ChargebackStatus.CLOSED_WITHOUT_LOSS}
)
"""Statuses after which a card network does nothing more by itself."""


@dataclass(frozen=True, slots=True)
class ChargebackOrder:
    """Input of the chargeback workflow."""

    chargeback_id: ChargebackId
    """The chargeback; the workflow id is `chargeback:<chargeback_id>`."""
    delivery_id: DeliveryId
    """The delivery whose payment is disputed."""
    provider: str
    """The payment provider that reported it."""
    dispute_id: str
    """The provider's id of it."""
    charge_operation_id: str
    """Our operation that took the disputed payment."""


@dataclass(frozen=True, slots=True)
class ChargebackNews:
    """Argument of a delivery's signal `chargeback_moved`: a chargeback of its payment has moved."""

    chargeback_id: ChargebackId
    """The chargeback."""
    status: str
    """A `ChargebackStatus`."""
    taken_from_held: Money | None
    """Once it is lost: the part of the held payment that it took; none before."""
