"""One state change of one delivery, complete: what is written in a single database transaction."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from domain.contracts import Actor, CodePurpose, Standing
from domain.disputing.ladder import Ladder
from domain.ids import DeliveryId, OfferId, PersonId
from domain.ledger import Bearer, Due
from domain.money import Money
from domain.outcomes import PaymentOutcome, Recorded, ScanOutcome
from domain.payment_intents import OperationKind, PaymentIntent

__all__ = ["OperationKind", "PaymentIntent", "PaymentOutcome", "Recorded", "ScanOutcome"]
# Answers and intents belong to what is asked here; everything else that is public is defined below.


class EventKind(StrEnum):
    """What happened, as the timeline and the audit trail name it."""

    REQUEST_OPENED = "request_opened"
    REQUEST_EXPIRED = "request_expired"
    OFFER_SUBMITTED = "offer_submitted"
    OFFER_COUNTERED = "offer_countered"
    OFFER_WITHDRAWN = "offer_withdrawn"
    OFFER_ACCEPTED = "offer_accepted"
    PAYMENT_HELD = "payment_held"
    PAYMENT_DECLINED = "payment_declined"
    PAYMENT_UNSETTLED = "payment_unsettled"
    PAYMENT_VOID_STARTED = "payment_void_started"
    PAYMENT_VOIDED = "payment_voided"
    PAYMENT_METHOD_GIVEN = "payment_method_given"
    PAYMENT_METHOD_SAVED = "payment_method_saved"
    CHARGE_STARTED = "charge_started"
    PAYMENT_AUTHORISED = "payment_authorised"
    PICKUP_VERIFIED = "pickup_verified"
    CAPTURE_STARTED = "capture_started"
    PAYMENT_CAPTURED = "payment_captured"
    CAPTURE_FAILED = "capture_failed"
    PICKUP_CODE_RENEWED = "pickup_code_renewed"
    LIFT_STARTED = "lift_started"
    AUTHORISATION_LIFTED = "authorisation_lifted"
    METHOD_FORGETTING = "method_forgetting"
    METHOD_FORGOTTEN = "method_forgotten"
    PICKED_UP = "picked_up"
    TRAVELER_NUDGED = "traveler_nudged"
    TRAVELER_URGED = "traveler_urged"
    TRAVELER_MISSING = "traveler_missing"
    TRAVELER_HEARD = "traveler_heard"
    HANDOVER_DUE_SOON = "handover_due_soon"
    LOSS_REPORTED = "loss_reported"
    RELAY_ASKED = "relay_asked"
    RELAY_CONSENTED = "relay_consented"
    RELAY_AGREED = "relay_agreed"
    RELAY_ENDED = "relay_ended"
    RELAYED = "relayed"
    GIVER_SHARE_STARTED = "giver_share_started"
    GIVER_SHARE_RELEASED = "giver_share_released"
    GIVER_SHARE_TAKEN = "giver_share_taken"
    GIVER_PAID_OUT = "giver_paid_out"
    GIVER_PAYOUT_SKIPPED = "giver_payout_skipped"
    PICKUP_UNDONE = "pickup_undone"
    ARRIVED = "arrived"
    HANDED_OVER = "handed_over"
    HANDOVER_UNDONE = "handover_undone"
    HANDOVER_FAILED = "handover_failed"
    PARCEL_LEFT = "parcel_left"
    RETURN_STARTED = "return_started"
    RETURNED = "returned"
    RETURN_SETTLED = "return_settled"
    RELEASE_STARTED = "release_started"
    ACCOUNT_AWAITED = "account_awaited"
    RELEASE_FROZEN = "release_frozen"
    RELEASE_STILL_FROZEN = "release_still_frozen"
    HELD_REDUCED = "held_reduced"
    CHARGED_BACK = "charged_back"
    RELEASED = "released"
    REFUND_STARTED = "refund_started"
    REFUNDED = "refunded"
    SPLIT_STARTED = "split_started"
    SHARE_REFUNDED = "share_refunded"
    NETTING_STARTED = "netting_started"
    DUES_NETTED = "dues_netted"
    SURPLUS_FOUND = "surplus_found"
    SURPLUS_RETURNED = "surplus_returned"
    PAYOUT_REDUCED = "payout_reduced"
    NOTHING_TO_PAY_OUT = "nothing_to_pay_out"
    PAID_OUT = "paid_out"
    PAYOUT_SKIPPED = "payout_skipped"
    CANCELLED = "cancelled"
    CANCELLATION_STARTED = "cancellation_started"
    COMPENSATION_RELEASED = "compensation_released"
    SENDER_ABSENT = "sender_absent"
    TRAVELER_ABSENT = "traveler_absent"
    TRAVELER_LEFT = "traveler_left"
    REOPENED = "reopened"
    DISPUTE_OPENED = "dispute_opened"
    VERDICT_OVERDUE = "verdict_overdue"
    VERDICT_GIVEN = "verdict_given"
    DISPUTE_CONTESTED = "dispute_contested"
    DISPUTE_UNANSWERED = "dispute_unanswered"
    PROPOSAL_MADE = "proposal_made"
    PROPOSAL_WITHDRAWN = "proposal_withdrawn"
    DISPUTE_AGREED = "dispute_agreed"
    AGENT_CALLED = "agent_called"
    AGENT_TOOK_OVER = "agent_took_over"
    SIDE_ASKED = "side_asked"
    SIDE_REPLIED = "side_replied"
    SIDE_SILENT = "side_silent"
    FIRST_VERDICT_GIVEN = "first_verdict_given"
    APPEAL_WAIVED = "appeal_waived"
    VERDICT_APPEALED = "verdict_appealed"
    VERDICT_STANDS = "verdict_stands"
    DISPUTE_REMINDED = "dispute_reminded"
    HANDED_OVER_LATE = "handed_over_late"
    ATTENTION_RAISED = "attention_raised"
    ATTENTION_RESOLVED = "attention_resolved"
    HOLD_PLACED = "hold_placed"
    HOLD_LIFTED = "hold_lifted"
    HOLD_REMINDED = "hold_reminded"
    HOLD_OVERDUE = "hold_overdue"
    CLAIM_IN_REVIEW = "claim_in_review"
    CLAIM_REFUSED = "claim_refused"
    SOS_CALLED = "sos_called"
    SOS_UNANSWERED = "sos_unanswered"
    OVERRIDE_ASKED = "override_asked"
    OVERRIDE_APPROVED = "override_approved"
    OVERRIDE_REFUSED = "override_refused"
    OVERRIDE_WITHDRAWN = "override_withdrawn"
    OVERRIDE_EXPIRED = "override_expired"
    OVERRIDE_FAILED = "override_failed"
    PICKUP_OVERRIDDEN = "pickup_overridden"
    HANDOVER_OVERRIDDEN = "handover_overridden"
    RETURN_OVERRIDDEN = "return_overridden"
    CLOCK_STOPPED = "clock_stopped"
    CLOCK_RESUMED = "clock_resumed"
    DEADLINE_CORRECTED = "deadline_corrected"
    ADDRESS_CORRECTED = "address_corrected"
    RECIPIENT_CORRECTED = "recipient_corrected"
    PARCEL_CORRECTED = "parcel_corrected"
    CHARGEBACK_INQUIRED = "chargeback_inquired"
    CHARGEBACK_OPENED = "chargeback_opened"
    CHARGEBACK_PARKED = "chargeback_parked"
    CHARGEBACK_RESUMED = "chargeback_resumed"
    EVIDENCE_SUBMITTED = "evidence_submitted"
    BEARER_NAMED = "bearer_named"
    CHARGEBACK_WON = "chargeback_won"
    CHARGEBACK_LOST = "chargeback_lost"
    CHARGEBACK_CLOSED = "chargeback_closed"
    TRANSFER_RECALL_STARTED = "transfer_recall_started"
    TRANSFER_RECALLED = "transfer_recalled"
    TRANSFER_RECALL_REFUSED = "transfer_recall_refused"
    RELEASE_AGAIN_STARTED = "release_again_started"
    RELEASED_AGAIN = "released_again"
    SHARE_PAYOUT_STARTED = "share_payout_started"
    SHARE_PAID_OUT_AGAIN = "share_paid_out_again"
    CORRECTION_ORDERED = "correction_ordered"
    CORRECTION_WAITS = "correction_waits"
    CORRECTION_RESUMED = "correction_resumed"
    CORRECTION_GIVEN_UP = "correction_given_up"
    GOODWILL_REFUNDED = "goodwill_refunded"
    TRANSFER_REVERSED = "transfer_reversed"
    REVERSAL_REFUSED = "reversal_refused"
    TRAVELER_COMPENSATED = "traveler_compensated"
    TIP_PAID = "tip_paid"
    TIP_UNSETTLED = "tip_unsettled"
    TIP_VOID_STARTED = "tip_void_started"
    TIP_DECLINED = "tip_declined"
    TIP_SENT = "tip_sent"
    EXTRA_COST_ASKED = "extra_cost_asked"
    EXTRA_COST_AGREED = "extra_cost_agreed"
    EXTRA_COST_REFUSED = "extra_cost_refused"
    EXTRA_COST_WITHDRAWN = "extra_cost_withdrawn"
    EXTRA_COST_PAID = "extra_cost_paid"
    EXTRA_COST_UNSETTLED = "extra_cost_unsettled"
    EXTRA_COST_VOID_STARTED = "extra_cost_void_started"
    EXTRA_COST_DECLINED = "extra_cost_declined"
    EXTRA_COST_SENT = "extra_cost_sent"
    EXTRA_PAID_OUT = "extra_paid_out"
    EXTRA_PAYOUT_SKIPPED = "extra_payout_skipped"
    DEBT_WRITTEN_OFF = "debt_written_off"
    DEBT_PAID = "debt_paid"
    REFUND_UNDONE = "refund_undone"
    REFUNDED_AGAIN = "refunded_again"
    PAYOUT_UNDONE = "payout_undone"
    PAID_OUT_AGAIN = "paid_out_again"
    CHARGE_UNDONE = "charge_undone"


@dataclass(frozen=True, slots=True)
class OfferChange:
    """The new state of one offer."""

    offer_id: OfferId
    """The offer."""
    traveler_id: PersonId
    """Who offers to carry the parcel."""
    status: str
    """An `OfferStatus`."""
    price: Money
    """The price named last."""
    proposed_by: str
    """`traveler` or `customer`: who named the price last."""


@dataclass(frozen=True, slots=True)
class Transition:
    """One state change of one delivery.

    Idempotency: `key` is unique per delivery; writing the same key again changes nothing.
    """

    delivery_id: DeliveryId
    """The delivery that changes."""
    key: str
    """Business key of the change, for example `picked_up` or `offer:<offer id>:2`."""
    event: EventKind
    """What happened."""
    actor: Actor
    """Who made it happen."""
    at: datetime
    """When it happened, by the workflow's clock, in UTC."""
    standing: Standing
    """Where the delivery stands afterwards."""
    facts: dict[str, str] = field(default_factory=dict)
    """What the timeline shows besides the event: short texts, no personal data."""
    offers: tuple[OfferChange, ...] = ()
    """Offers that change with it."""
    codes_issued: tuple[CodePurpose, ...] = ()
    """Handover codes that become valid with it."""
    codes_valid_until: datetime | None = None
    """When those codes expire, in UTC."""
    intent: PaymentIntent | None = None
    """The movement of money that is asked for next."""
    supersedes: str = ""
    """Operation id of a movement that nobody has asked for yet and that nobody will."""
    dispute: Ladder | None = None
    """Where the delivery's dispute stands afterwards, when that changes."""


@dataclass(frozen=True, slots=True)
class LateEvent:
    """Something about a delivery's money that changes nothing about where the delivery stands.

    It is for what can come at any time, also long after the close: a chargeback, goodwill, a refund
    that failed in the end. It is one event of the same chain, with the standing as it is then.
    Idempotency: `key` is unique per delivery; writing the same key again changes nothing.
    """

    delivery_id: DeliveryId
    """The delivery that it is about."""
    key: str
    """Business key, for example `chargeback_opened:<chargeback id>`."""
    event: EventKind
    """What happened."""
    actor: Actor
    """Who made it happen."""
    at: datetime
    """When it happened, by the workflow's clock, in UTC."""
    facts: dict[str, str] = field(default_factory=dict)
    """What the timeline shows besides the event: short texts, no personal data."""
    intent: PaymentIntent | None = None
    """The movement of money that is asked for next."""


@dataclass(frozen=True, slots=True)
class MoneyCommand:
    """Input of every payment activity."""

    delivery_id: DeliveryId
    """The delivery whose money is moved."""
    intent: PaymentIntent
    """The movement, as it was persisted before."""
    on_success: Transition
    """Written in the transaction that books the money."""
    on_refusal: Transition | None = None
    """For a charge: written when it is declined or not settled yet."""
    done_by_hand: str = ""
    """The provider's reference when an operator did it by hand; the provider is only looked up."""
    only_look_up: bool = False
    """An operator goes on without it: find out whether it was done after all, and ask for nothing."""
    dues: tuple[Due, ...] = ()
    """For a netting: the debts that it pays."""
    despite_dues: bool = False
    """For a payout: it goes ahead although the traveler owes something."""
    bearer: Bearer | None = None
    """For a refund of the held payment: who is to blame that nothing was earned, if not the customer."""
    payee_id: PersonId | None = None
    """For a transfer or payout: the traveler it is for, if not the one who carries the parcel."""


@dataclass(frozen=True, slots=True)
class LateMoneyCommand:
    """Input of a payment activity that moves a delivery's money whatever the delivery does itself."""

    delivery_id: DeliveryId
    """The delivery whose money is moved."""
    intent: PaymentIntent
    """The movement, as it was persisted before."""
    on_success: LateEvent
    """Written in the transaction that books the money."""
    traveler_id: PersonId | None = None
    """Whose account it concerns, where it concerns a traveler's."""
    bearer: Bearer | None = None
    """For a refund: who bears it."""
    done_by_hand: str = ""
    """The provider's reference when an operator did it by hand; the provider is only looked up."""
    only_look_up: bool = False
    """An operator goes on without it: find out whether it was done after all, and ask for nothing."""
    on_refusal: LateEvent | None = None
    """Written when the provider refuses for good, which is then an answer; without it, that is an
    error."""


@dataclass(frozen=True, slots=True)
class MoneyMoved:
    """Result of every payment activity."""

    outcome: PaymentOutcome
    """How the provider answered; only a charge may be anything but succeeded."""
    detail: str = ""
    """Decline code or what the customer must do; empty on success."""
    capture_before: datetime | None = None
    """For an authorisation: when the bank lets the money go unless it is captured, in UTC."""
    saved_method: str = ""
    """For a saved payment method: the token with which it is charged later."""
    left_over: Money | None = None
    """For a netting: what it took back and nobody owed any more; none when there is nothing."""
