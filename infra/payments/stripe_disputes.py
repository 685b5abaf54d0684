"""Answers chargebacks at Stripe: evidence is staged as it comes in and submitted once."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import Any

import stripe

from domain.money import Money
from infra.payments.stripe_errors import answered

_OPEN = frozenset({"needs_response", "warning_needs_response"})
_INQUIRIES = "warning_"
TEXT_LENGTH_MAX = 20_000
"""Characters of one text; Stripe takes 150,000 of all of them together."""


@dataclass(frozen=True, slots=True)
class DisputeEvidence:
    """What the platform knows about a delivery, in the fields that banks read."""

    product_description: str = ""
    """What was carried for whom."""
    service_date: str = ""
    """When it was handed over, as an ISO date."""
    service_documentation: str = ""
    """Id of an uploaded file at Stripe that proves the service."""
    shipping_carrier: str = ""
    """Who carried it; no name of a person is needed."""
    shipping_tracking_number: str = ""
    """The delivery's id."""
    shipping_date: str = ""
    """When it was picked up, as an ISO date."""
    shipping_documentation: str = ""
    """Id of an uploaded file at Stripe that proves the handover."""
    cancellation_policy_disclosure: str = ""
    """How the customer was told of the terms."""
    uncategorized_text: str = ""
    """Everything else: scans, positions, messages."""


@dataclass(frozen=True, slots=True)
class DisputeState:
    """How a chargeback or inquiry stands at Stripe."""

    dispute_id: str
    status: str
    """Stripe's own word."""
    is_inquiry: bool
    """The bank only asks: no money has moved."""
    reason: str
    charge_id: str
    """The payment intent that is disputed."""
    amount: Money
    """May be more or less than the charge."""
    withdrawn: Money
    """What the platform's balance has lost by it so far, fees left out; zero when it came back."""
    fee: Money
    """What Stripe took for it."""
    due_by: datetime | None
    """Until when evidence is read, in UTC."""
    submissions: int
    """How often evidence was submitted; most banks read it once."""

    @property
    def is_open(self) -> bool:
        """Whether evidence can still be staged and submitted."""
        return self.status in _OPEN


class StripeDisputes:
    """Reads disputes, stages evidence and submits it.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown.
    """

    def __init__(self, client: stripe.StripeClient) -> None:
        self._v1 = client.v1

    async def read(self, dispute_id: str) -> DisputeState:
        """Return how a dispute stands now."""
        return _state(await answered(self._v1.disputes.retrieve_async(dispute_id)))

    async def stage(self, dispute_id: str, evidence: DisputeEvidence) -> DisputeState:
        """Keep evidence at Stripe without submitting it; a field that is given replaces the old one.

        Idempotency: staging the same again changes nothing.
        """
        return await self._update(dispute_id, evidence, submit=False)

    async def submit(self, dispute_id: str, evidence: DisputeEvidence) -> DisputeState:
        """Hand everything that was staged, and this, to the bank; nothing can be added afterwards.

        Idempotency: submitting to a dispute that is under review already changes nothing.
        """
        known = await self.read(dispute_id)
        return await self._update(dispute_id, evidence, submit=True) if known.is_open else known

    async def _update(
        self, dispute_id: str, evidence: DisputeEvidence, *, submit: bool
    ) -> DisputeState:
        given = {name: text[:TEXT_LENGTH_MAX] for name, text in asdict(evidence).items() if text}
        params: Any = {"evidence": given, "submit": submit}
        return _state(await answered(self._v1.disputes.update_async(dispute_id, params)))


def _state(dispute: stripe.Dispute) -> DisputeState:
    currency, booked = dispute.currency.upper(), dispute.balance_transactions
    due_by, intent = dispute.evidence_details.due_by, dispute.payment_intent
    return DisputeState(
        dispute_id=dispute.id,
        status=dispute.status,
        is_inquiry=dispute.status.startswith(_INQUIRIES),
        reason=dispute.reason,
        charge_id=intent if isinstance(intent, str) else intent.id if intent else "",
        amount=Money(dispute.amount, currency),
        withdrawn=Money(-sum(each.amount for each in booked), currency),
        fee=Money(sum(each.fee for each in booked), currency),
        due_by=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        submissions=dispute.evidence_details.submission_count,
    )
