"""Everything that somebody can ask of the API, by a stable name."""

from __future__ import annotations

from enum import StrEnum

PUBLIC = "public_"
"""Start of the names of actions that need no credential."""


class Action(StrEnum):
    """One thing that a route does; the value is also the name of the scope of an API key."""

    PUBLIC_READ_HEALTH = "public_read_health"
    PUBLIC_EXPLAIN_PROBLEM = "public_explain_problem"
    PUBLIC_READ_DOCUMENTATION = "public_read_documentation"
    PUBLIC_SHOW_LINKED_CODE = "public_show_linked_code"
    PUBLIC_TAKE_WEBHOOK = "public_take_webhook"
    PUBLIC_READ_KEY_SET = "public_read_key_set"
    PUBLIC_REGISTER = "public_register"
    PUBLIC_SIGN_IN = "public_sign_in"
    PUBLIC_REFRESH = "public_refresh"
    PUBLIC_SIGN_OUT = "public_sign_out"

    OPEN_DELIVERY = "open_delivery"
    LIST_DELIVERIES = "list_deliveries"
    LIST_OPEN_REQUESTS = "list_open_requests"
    LIST_PARKED_DELIVERIES = "list_parked_deliveries"
    READ_DELIVERY = "read_delivery"
    READ_TIMELINE = "read_timeline"
    READ_DEADLINES = "read_deadlines"
    READ_LEDGER = "read_ledger"
    READ_TRACK = "read_track"
    SEND_POSITIONS = "send_positions"
    SHOW_PICKUP_CODE = "show_pickup_code"
    SHOW_HANDOVER_CODE = "show_handover_code"
    SHOW_RETURN_CODE = "show_return_code"
    SHOW_CODE = "show_code"

    LIST_OFFERS = "list_offers"
    SUBMIT_OFFER = "submit_offer"
    COUNTER_OFFER = "counter_offer"
    WITHDRAW_OFFER = "withdraw_offer"
    ACCEPT_OFFER = "accept_offer"

    GIVE_PAYMENT_METHOD = "give_payment_method"
    READ_PAYMENT_ACTION = "read_payment_action"
    SCAN_PICKUP = "scan_pickup"
    SCAN_HANDOVER = "scan_handover"
    SCAN_RETURN = "scan_return"
    CONFIRM_DELIVERY = "confirm_delivery"
    CHECK_IN = "check_in"
    REPORT_FAILED_HANDOVER = "report_failed_handover"
    REPORT_LEFT_PARCEL = "report_left_parcel"
    REPORT_LOSS = "report_loss"

    READ_CANCELLATION_QUOTE = "read_cancellation_quote"
    CANCEL_DELIVERY = "cancel_delivery"
    GIVE_DELIVERY_BACK = "give_delivery_back"
    REPORT_NO_SHOW = "report_no_show"
    CONTEST_NO_SHOW = "contest_no_show"

    OPEN_DISPUTE = "open_dispute"
    LIST_DISPUTES = "list_disputes"
    READ_DISPUTE = "read_dispute"
    READ_LIABILITY = "read_liability"
    ADD_EVIDENCE = "add_evidence"
    SEND_EVIDENCE_FILE = "send_evidence_file"
    SHOW_EVIDENCE_FILE = "show_evidence_file"
    WRITE_IN_DISPUTE = "write_in_dispute"
    ANSWER_DISPUTE = "answer_dispute"
    MAKE_PROPOSAL = "make_proposal"
    ACCEPT_PROPOSAL = "accept_proposal"
    WITHDRAW_PROPOSAL = "withdraw_proposal"
    CALL_AGENT = "call_agent"
    REPLY_TO_AGENT = "reply_to_agent"
    APPEAL_VERDICT = "appeal_verdict"
    WAIVE_APPEAL = "waive_appeal"
    TAKE_DISPUTE_OVER = "take_dispute_over"
    ASK_SIDE = "ask_side"
    GIVE_VERDICT = "give_verdict"

    LIST_CHARGEBACKS = "list_chargebacks"
    SUBMIT_CHARGEBACK_EVIDENCE = "submit_chargeback_evidence"
    NAME_CHARGEBACK_BEARER = "name_chargeback_bearer"
    RESOLVE_CHARGEBACK = "resolve_chargeback"

    LIST_CORRECTIONS = "list_corrections"
    READ_CORRECTION = "read_correction"
    ORDER_CORRECTION = "order_correction"
    RESOLVE_CORRECTION = "resolve_correction"
    ASK_FOR_EXTRA_COSTS = "ask_for_extra_costs"
    AGREE_TO_EXTRA_COSTS = "agree_to_extra_costs"
    REFUSE_EXTRA_COSTS = "refuse_extra_costs"
    TAKE_EXTRA_COSTS_BACK = "take_extra_costs_back"

    SET_UP_PAYOUT_ACCOUNT = "set_up_payout_account"
    READ_PAYOUT_ACCOUNT = "read_payout_account"
    READ_OWN_STATEMENT = "read_own_statement"
    READ_STATEMENT = "read_statement"
    READ_DELIVERY_STATEMENT = "read_delivery_statement"

    RESOLVE_DELIVERY = "resolve_delivery"
    HOLD_DELIVERY = "hold_delivery"
    RESUME_DELIVERY = "resume_delivery"
    AMEND_DELIVERY = "amend_delivery"
    ORDER_BULK_HOLD = "order_bulk_hold"
    READ_BULK_HOLD = "read_bulk_hold"
    LIST_ATTENTION = "list_attention"
    SETTLE_ATTENTION = "settle_attention"
    READ_RECORD = "read_record"

    READ_OWN_FACTORS = "read_own_factors"
    CHANGE_OWN_FACTORS = "change_own_factors"
    APPROVE_REQUEST = "approve_request"

    ADVANCE_CLOCK = "advance_clock"
    START_ROBOTS = "start_robots"
    WATCH_ROBOTS = "watch_robots"

    @property
    def is_public(self) -> bool:
        """Whether it is for everybody, without a credential."""
        return self.startswith(PUBLIC)
