"""The closed list of reasons for which the platform refuses a command."""

from __future__ import annotations

from enum import StrEnum


class RefusalCode(StrEnum):
    """Stable code of a refusal: part of the public interface, never renamed."""

    DELIVERY_CLOSED = "delivery_closed"
    DELIVERY_CHANGED = "delivery_changed"
    DELIVERY_ALREADY_OPEN = "delivery_already_open"
    WRONG_STATE = "wrong_state"
    NOT_YOUR_ROLE = "not_your_role"
    OFFER_CHANGED = "offer_changed"
    OFFER_UNKNOWN = "offer_unknown"
    OFFER_CLOSED = "offer_closed"
    OFFER_LIMIT_REACHED = "offer_limit_reached"
    OFFER_ALREADY_MADE = "offer_already_made"
    OFFER_PRICE_CHANGED = "offer_price_changed"
    OFFER_AWAITS_OTHER_SIDE = "offer_awaits_other_side"
    OWN_DELIVERY = "own_delivery"
    PRICE_OUT_OF_RANGE = "price_out_of_range"
    CODE_WRONG = "code_wrong"
    CODE_ALREADY_USED = "code_already_used"
    CODE_OUTDATED = "code_outdated"
    CODE_VERSION_WRONG = "code_version_wrong"
    CODE_EXPIRED = "code_expired"
    CODE_FOREIGN = "code_foreign"
    CODE_LOCKED = "code_locked"
    CODE_NOT_READY = "code_not_ready"
    RISK_REFUSED = "risk_refused"
    PAYMENT_NOT_CAPTURED = "payment_not_captured"
    PAYMENT_CAPTURING = "payment_capturing"
    CANCEL_TOO_LATE = "cancel_too_late"
    CANCELLATION_COSTS_MORE = "cancellation_costs_more"
    NO_SHOW_TOO_EARLY = "no_show_too_early"
    REASON_MISSING = "reason_missing"
    POSITION_NOT_NEAR = "position_not_near"
    PLACE_MISSING = "place_missing"
    PLACE_INACCURATE = "place_inaccurate"
    PLACE_OUTDATED = "place_outdated"
    PLACE_TOO_FAR = "place_too_far"
    PLACE_MOCKED = "place_mocked"
    PERSON_UNPROVEN = "person_unproven"
    LEAVING_NOT_ALLOWED = "leaving_not_allowed"
    RELAY_NOT_OPEN = "relay_not_open"
    RELAY_LIMIT_REACHED = "relay_limit_reached"
    RELAY_TERMS_INVALID = "relay_terms_invalid"
    RELAY_NEEDS_ACCOUNT = "relay_needs_account"
    REVIEW_VISIBLE = "review_visible"
    REVIEW_WINDOW_CLOSED = "review_window_closed"
    UNDO_WINDOW_CLOSED = "undo_window_closed"
    DISPUTE_WINDOW_CLOSED = "dispute_window_closed"
    DISPUTE_ALREADY_DECIDED = "dispute_already_decided"
    DISPUTE_CLOSED = "dispute_closed"
    DISPUTE_CHANGED = "dispute_changed"
    PROPOSAL_UNKNOWN = "proposal_unknown"
    PROPOSAL_CLOSED = "proposal_closed"
    PROPOSALS_REACHED = "proposals_reached"
    EVIDENCE_NOT_NEW = "evidence_not_new"
    VERDICT_AMOUNT_INVALID = "verdict_amount_invalid"
    CORRECTION_AMOUNT_INVALID = "correction_amount_invalid"
    BEARER_INVALID = "bearer_invalid"
    OFFER_REVISIONS_REACHED = "offer_revisions_reached"
    REQUESTS_REACHED = "requests_reached"
    PAYMENT_ATTEMPTS_REACHED = "payment_attempts_reached"
    NEEDS_ATTENTION = "needs_attention"
    TOO_MANY_COMMANDS = "too_many_commands"
    NOTHING_NEEDS_ATTENTION = "nothing_needs_attention"
    SKIP_NOT_SAFE = "skip_not_safe"
    ON_HOLD = "on_hold"
    NOT_ON_HOLD = "not_on_hold"
    AMENDMENT_INVALID = "amendment_invalid"
    AMENDMENT_UNKNOWN = "amendment_unknown"
    ESCROW_CONFLICT = "escrow_conflict"
    CHARGEBACK_OPEN = "chargeback_open"
    DUES_FIRST = "dues_first"
    DUES_CHANGED = "dues_changed"
    NO_ERASURE = "no_erasure"
    ERASURE_BINDING = "erasure_binding"


class Refusal(Exception):
    """A command is refused; the state is as it was.

    The message is written for the person who sent the command.
    """

    def __init__(self, code: RefusalCode, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
