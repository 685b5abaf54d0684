"""What chargebacks need from the world: the card network, the evidence and the records."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from domain.chargebacks import (
    ChargebackBooks,
    ChargebackChange,
    ChargebackOrder,
    DisputeState,
    RecallPlan,
)
from domain.evidence import DisputeEvidence
from domain.ids import DeliveryId
from domain.money import Money


class CardDisputes(Protocol):
    """The disputes of cardholders at a payment provider.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown: from every method.
    """

    @property
    def provider(self) -> str:
        """Name of the provider."""
        ...

    async def read(self, dispute_id: str) -> DisputeState:
        """Return how a dispute stands now."""
        ...

    async def stage(self, dispute_id: str, evidence: DisputeEvidence) -> DisputeState:
        """Keep evidence at the provider without submitting it.

        A field that is given replaces the old one; a dispute that takes no evidence any more refuses
        it.
        Idempotency: staging the same again changes nothing.
        """
        ...

    async def submit(self, dispute_id: str, evidence: DisputeEvidence) -> DisputeState:
        """Hand everything that was staged, and this, to the bank; nothing can be added afterwards.

        Idempotency: submitting to a dispute that takes no evidence any more changes nothing.
        """
        ...


@dataclass(frozen=True, slots=True)
class AssembledEvidence:
    """What the platform knows about a delivery, and how much of what is in it."""

    evidence: DisputeEvidence
    scans: int
    positions: int
    exhibits: int
    messages: int


class EvidenceSource(Protocol):
    """Everything that the platform's own records prove about a delivery."""

    async def assemble(self, delivery_id: DeliveryId) -> AssembledEvidence:
        """Return the evidence as it is now; the same records give the same texts."""
        ...


class ChargebackRecords(Protocol):
    """The database as chargebacks see it: one call is one transaction.

    Raises:
        Refusal: `escrow_conflict` when the books do not allow it.
    """

    async def books(self, order: ChargebackOrder) -> ChargebackBooks:
        """Return what is booked and written of a chargeback so far."""
        ...

    async def write(self, change: ChargebackChange) -> ChargebackBooks:
        """Write one change: event, bookings, row and what staff must look at; return the books.

        Idempotency: as `ChargebackChange` says.
        """
        ...

    async def plan_recall(self, order: ChargebackOrder) -> RecallPlan:
        """Return what to take back from the traveler, by what is booked and asked for now."""
        ...

    async def plan_payout(self, order: ChargebackOrder) -> Money:
        """Return what is to be paid out to the traveler once the payment was released again.

        Nothing while the delivery itself is still to pay it out.
        """
        ...
