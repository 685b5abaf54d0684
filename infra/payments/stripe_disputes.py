"""Answers chargebacks at Stripe: evidence is staged as it comes in and submitted once."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import stripe

from activities.payment_ports import OutcomeUnknown
from domain.chargebacks import ChargebackStatus, DisputeState
from domain.evidence import TEXT_LENGTH_MAX, DisputeEvidence
from domain.money import Money
from infra.payments.stripe_errors import answered

_S = ChargebackStatus
_STATUSES = {
    "needs_response": _S.OPEN,
    "under_review": _S.OPEN,
    "warning_needs_response": _S.INQUIRY,
    "warning_under_review": _S.INQUIRY,
    "warning_closed": _S.CLOSED_WITHOUT_LOSS,
    "prevented": _S.CLOSED_WITHOUT_LOSS,
    "won": _S.WON,
    "lost": _S.LOST,
}
"""Stripe's words. Source: Stripe on the status of a dispute."""
_TAKES_EVIDENCE = frozenset({"needs_response", "warning_needs_response"})


class StripeDisputes:
    """Reads disputes, stages evidence and submits it.

    Raises:
        ProviderUnavailable, ProviderRefused, OutcomeUnknown.
    """

    provider = "stripe"

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
        if not known.takes_evidence:
            return known
        return await self._update(dispute_id, evidence, submit=True)

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
        status=_status(dispute.status),
        takes_evidence=dispute.status in _TAKES_EVIDENCE,
        reason=dispute.reason,
        charge_id=intent if isinstance(intent, str) else intent.id if intent else "",
        amount=Money(dispute.amount, currency),
        taken=Money(sum(max(-each.amount, 0) for each in booked), currency),
        returned=Money(sum(max(each.amount, 0) for each in booked), currency),
        fee=Money(sum(each.fee for each in booked), currency),
        due_by=datetime.fromtimestamp(due_by, UTC) if due_by else None,
        submissions=dispute.evidence_details.submission_count,
    )


def _status(word: str) -> ChargebackStatus:
    """Return where a dispute stands.

    Raises:
        OutcomeUnknown: Stripe's word is new; what it means for the money is not guessed.
    """
    known = _STATUSES.get(word)
    if known is None:
        raise OutcomeUnknown(f"Stripe calls a dispute {word}, which is not known here.")
    return known
