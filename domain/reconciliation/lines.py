"""The provider's statement: one line for each movement of a balance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.ids import DeliveryId
from domain.money import Money


class LineKind(StrEnum):
    """What the provider says that it moved."""

    CHARGE = "charge"
    CHARGE_FAILURE = "charge_failure"
    REFUND = "refund"
    REFUND_FAILURE = "refund_failure"
    TRANSFER = "transfer"
    TRANSFER_REVERSAL = "transfer_reversal"
    PAYOUT = "payout"
    CHARGEBACK = "chargeback"
    CHARGEBACK_REVERSAL = "chargeback_reversal"
    FEE = "fee"
    ADJUSTMENT = "adjustment"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class BalanceLine:
    """One line of a provider's statement. It holds ids and amounts, nothing about a person."""

    line_id: str
    """The provider's id of the line."""
    kind: LineKind
    source_id: str
    """The provider's id of what moved the money; empty when nothing did, as for a monthly fee."""
    amount: Money
    """What the balance gained by it, below zero when it lost; the fee is not in it."""
    fee: Money
    """What the provider kept of it; below zero when a fee came back."""
    created_at: datetime
    """By the provider's clock, in UTC."""
    available_on: datetime
    """When the money can be used, in UTC."""
    operation_id: str = ""
    """Ours, when what moved the money was made by one of our operations."""
    delivery_id: str = ""
    """Ours, where the provider has noted it with what moved the money."""
    related_ids: tuple[str, ...] = ()
    """The provider's ids of what the source belongs to, as the charge of a refund."""
    of_traveler: bool = False
    """It moved a traveler's balance and not the platform's."""

    @property
    def net(self) -> Money:
        """Return what the balance gained, the fee taken into account."""
        return self.amount - self.fee


def delivery_named(name: str) -> DeliveryId | None:
    """Return a name as the id of a delivery; what another system wrote there is none of ours."""
    try:
        return DeliveryId(str(UUID(name)))
    except ValueError:
        return None
