"""What chargebacks need from the world: the card network, the evidence and the records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from domain.chargebacks import ChargebackStatus
from domain.evidence import DisputeEvidence
from domain.money import Money


@dataclass(frozen=True, slots=True)
class DisputeState:
    """How a chargeback or inquiry stands at the provider."""

    dispute_id: str
    status: ChargebackStatus
    """A dispute that the provider knows is never just announced."""
    takes_evidence: bool
    """Evidence can still be staged and submitted."""
    reason: str
    """The provider's word for what the cardholder complains of."""
    charge_id: str
    """The provider's id of the payment that is disputed."""
    amount: Money
    """May be more or less than the charge."""
    taken: Money
    """What the platform's balance lost by it, fees left out; an inquiry takes nothing."""
    returned: Money
    """What of it came back."""
    fee: Money
    """What the provider took for it and did not give back."""
    due_by: datetime | None
    """Until when evidence is read, in UTC."""
    submissions: int
    """How often evidence was submitted; most banks read it once."""


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
