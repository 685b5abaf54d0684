"""Reads Stripe's objects as answers to operations."""

from __future__ import annotations

from datetime import UTC, datetime

import stripe

from activities.payment_ports import ProviderAnswer
from domain.money import Money
from domain.transitions import PaymentOutcome

INTENT_DETAILS = ["latest_charge.balance_transaction"]
"""What is read along with every payment intent: the charge, and the fee that Stripe keeps."""

DELIVERY_ID, OPERATION_ID, ATTEMPT = "delivery_id", "op_id", "attempt"
"""Metadata that every object of ours carries."""
CAPTURE_ID = "capture_op_id"
"""Metadata of a payment intent that was captured by an operation of its own."""

_INTENT_OUTCOMES = {
    "succeeded": PaymentOutcome.SUCCEEDED,
    "requires_capture": PaymentOutcome.SUCCEEDED,
    "processing": PaymentOutcome.PENDING,
    "requires_action": PaymentOutcome.REQUIRES_ACTION,
    "requires_confirmation": PaymentOutcome.REQUIRES_ACTION,
    "requires_payment_method": PaymentOutcome.DECLINED,
    "canceled": PaymentOutcome.DECLINED,
}
_REFUND_OUTCOMES = {
    "succeeded": PaymentOutcome.SUCCEEDED,
    "pending": PaymentOutcome.PENDING,
    "requires_action": PaymentOutcome.REQUIRES_ACTION,
    "failed": PaymentOutcome.DECLINED,
    "canceled": PaymentOutcome.DECLINED,
}
_GENERIC = {"generic_decline": "card_declined"}
"""Decline codes that say less than the code around them."""


def answer_of_intent(intent: stripe.PaymentIntent) -> ProviderAnswer:
    """Return how a charge or an authorisation stands."""
    outcome = _INTENT_OUTCOMES.get(intent.status, PaymentOutcome.PENDING)
    return ProviderAnswer(
        outcome,
        intent.id,
        _detail(intent, outcome),
        fee=_fee(charge_of(intent)),
        capture_before=_capture_before(intent),
    )


def answer_of_refund(refund: stripe.Refund) -> ProviderAnswer:
    """Return how a refund stands; the bank may turn it down even after it arrived."""
    outcome = _REFUND_OUTCOMES.get(refund.status or "", PaymentOutcome.PENDING)
    declined = outcome is PaymentOutcome.DECLINED
    detail = (refund.failure_reason or str(refund.status)) if declined else ""
    return ProviderAnswer(outcome, refund.id, detail)


def charge_of(intent: stripe.PaymentIntent) -> stripe.Charge | None:
    """Return the latest charge of an intent that was read with its details."""
    charge = intent.latest_charge
    return charge if isinstance(charge, stripe.Charge) else None


def stamp_of(metadata: stripe.StripeObject | None, name: str = OPERATION_ID) -> str:
    """Return what we wrote on an object; empty when it is not one of ours."""
    return str(metadata[name]) if metadata is not None and name in metadata else ""


def decline_of(intent: stripe.PaymentIntent) -> str:
    """Return why an intent was declined; empty when nobody said."""
    return decline_text(intent.last_payment_error)


def decline_text(error: object | None) -> str:
    """Return the most telling code of a bank's refusal; empty when there was none."""
    if error is None:
        return ""
    code = getattr(error, "decline_code", None) or getattr(error, "code", None) or "card_declined"
    return _GENERIC.get(code, code)


def _detail(intent: stripe.PaymentIntent, outcome: PaymentOutcome) -> str:
    if outcome is PaymentOutcome.REQUIRES_ACTION:
        return "authentication_required"
    if outcome is PaymentOutcome.DECLINED:
        return decline_of(intent) or intent.status
    return ""


def _fee(charge: stripe.Charge | None) -> Money | None:
    booked = charge.balance_transaction if charge is not None else None
    if not isinstance(booked, stripe.BalanceTransaction):
        return None
    return Money(booked.fee, booked.currency.upper())


def _capture_before(intent: stripe.PaymentIntent) -> datetime | None:
    charge = charge_of(intent)
    if intent.status != "requires_capture" or charge is None:
        return None
    details = charge.payment_method_details
    card = details.card if details is not None else None
    moment = card.capture_before if card is not None else None
    return datetime.fromtimestamp(moment, UTC) if moment else None
