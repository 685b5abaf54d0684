"""Every code that the API refuses with, its status and its title: the one table of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from http import HTTPStatus

from domain.errors import RefusalCode
from domain.identity.claims import TokenFlaw


class EdgeCode(StrEnum):
    """Reasons for which the edge itself refuses a request: public and stable, like refusal codes."""

    ACCOUNT_MISSING = "account_missing"
    ADDRESS_BOOK_FULL = "address_book_full"
    API_KEYS_REACHED = "api_keys_reached"
    ACCOUNT_EXISTS = "account_exists"
    ATTENTION_SETTLED = "attention_settled"
    BODY_MALFORMED = "body_malformed"
    BODY_TOO_LARGE = "body_too_large"
    BODY_TOO_SLOW = "body_too_slow"
    CLOCKS_STAND_STILL = "clocks_stand_still"
    CURSOR_INVALID = "cursor_invalid"
    DEVICES_REACHED = "devices_reached"
    DEVICE_KNOWN = "device_known"
    DISPUTE_FULL = "dispute_full"
    EMAIL_NOT_VERIFIED = "email_not_verified"
    FIELDS_INVALID = "fields_invalid"
    FILE_ALREADY_THERE = "file_already_there"
    FILE_DIFFERS = "file_differs"
    FILE_REFUSED = "file_refused"
    HEAD_TOO_LARGE = "head_too_large"
    IDEMPOTENCY_KEY_INVALID = "idempotency_key_invalid"
    IDEMPOTENCY_KEY_MISSING = "idempotency_key_missing"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    INTERNAL_ERROR = "internal_error"
    LABEL_DIFFERS = "label_differs"
    LAST_FACTOR = "last_factor"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    NOT_ACCEPTABLE = "not_acceptable"
    NOT_FOUND = "not_found"
    ORIGIN_REFUSED = "origin_refused"
    PASSWORD_REFUSED = "password_refused"  # noqa: S105 -- It is the name of a refusal.
    PASSWORD_WRONG = "password_wrong"  # noqa: S105 -- The same.
    PASSKEYS_REACHED = "passkeys_reached"
    PASSKEY_REFUSED = "passkey_refused"
    PAYMENT_ACTION_NOT_WANTED = "payment_action_not_wanted"
    PAYOUT_ACCOUNT_MISSING = "payout_account_missing"
    PAYOUT_ACCOUNT_REFUSED = "payout_account_refused"
    PERSON_UNKNOWN = "person_unknown"
    PRE_AUTH_TOKEN_REFUSED = "pre_auth_token_refused"  # noqa: S105 -- The same.
    PROOFS_REACHED = "proofs_reached"
    PROVIDER_REFUSED = "provider_refused"
    REDIRECT_REFUSED = "redirect_refused"
    REFRESH_TOKEN_REFUSED = "refresh_token_refused"  # noqa: S105 -- The same.
    REQUEST_IN_FLIGHT = "request_in_flight"
    REQUEST_REFUSED = "request_refused"
    ROBOTS_BUSY = "robots_busy"
    SIGN_IN_FAILED = "sign_in_failed"
    SECOND_FACTOR_BLOCKED = "second_factor_blocked"
    SECOND_FACTOR_ENROLMENT_REQUIRED = "second_factor_enrolment_required"
    SECOND_FACTOR_NOT_BEGUN = "second_factor_not_begun"
    SECOND_FACTOR_WRONG = "second_factor_wrong"
    SIGN_IN_AGAIN = "sign_in_again"
    STEP_UP_REQUIRED = "step_up_required"
    SCOPE_MISSING = "scope_missing"
    STAFF_POWERS_WITHHELD = "staff_powers_withheld"
    TOO_MANY_REQUESTS = "too_many_requests"
    TOKEN_ALGORITHM_REFUSED = str(TokenFlaw.ALGORITHM)
    TOKEN_CLAIMS_MISSING = str(TokenFlaw.CLAIMS)
    TOKEN_EXPIRED = str(TokenFlaw.EXPIRED)
    TOKEN_KEY_UNKNOWN = str(TokenFlaw.KEY)
    TOKEN_MALFORMED = str(TokenFlaw.MALFORMED)
    TOKEN_NOT_FOR_HERE = str(TokenFlaw.PURPOSE)
    TOKEN_SIGNATURE_WRONG = str(TokenFlaw.SIGNATURE)
    TOKEN_TYPE_REFUSED = str(TokenFlaw.TYPE)
    TOO_MANY_TRIES = "too_many_tries"
    UNAUTHENTICATED = "unauthenticated"
    UNAVAILABLE = "unavailable"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    WEBHOOK_REFUSED = "webhook_refused"


Code = RefusalCode | EdgeCode


@dataclass(frozen=True, slots=True)
class ProblemKind:
    """The fixed part of a problem."""

    status: HTTPStatus
    """HTTP status."""
    title: str
    """One line that is the same for every occurrence."""


_S = HTTPStatus
_R = RefusalCode
_E = EdgeCode

KINDS: Mapping[Code, ProblemKind] = {
    _R.DELIVERY_CLOSED: ProblemKind(_S.CONFLICT, "The delivery is closed"),
    _R.DELIVERY_CHANGED: ProblemKind(_S.PRECONDITION_FAILED, "The delivery has changed since"),
    _R.DELIVERY_ALREADY_OPEN: ProblemKind(_S.CONFLICT, "The delivery is open already"),
    _R.WRONG_STATE: ProblemKind(_S.CONFLICT, "The delivery is not in a state for this"),
    _R.NOT_YOUR_ROLE: ProblemKind(_S.FORBIDDEN, "This is for somebody in another role"),
    _R.OFFER_CHANGED: ProblemKind(_S.PRECONDITION_FAILED, "The offer has changed since"),
    _R.OFFER_UNKNOWN: ProblemKind(_S.NOT_FOUND, "There is no such offer"),
    _R.OFFER_CLOSED: ProblemKind(_S.CONFLICT, "The offer is closed"),
    _R.OFFER_LIMIT_REACHED: ProblemKind(_S.CONFLICT, "The request takes no more offers"),
    _R.OFFER_ALREADY_MADE: ProblemKind(_S.CONFLICT, "You have an open offer already"),
    _R.OFFER_PRICE_CHANGED: ProblemKind(_S.CONFLICT, "The offer has another price by now"),
    _R.OFFER_AWAITS_OTHER_SIDE: ProblemKind(_S.CONFLICT, "The other side has to answer first"),
    _R.OWN_DELIVERY: ProblemKind(_S.FORBIDDEN, "A party of a delivery cannot carry it"),
    _R.PRICE_OUT_OF_RANGE: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The price is out of range"),
    _R.CODE_WRONG: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The code is wrong"),
    _R.CODE_ALREADY_USED: ProblemKind(_S.CONFLICT, "The code has been used"),
    _R.CODE_OUTDATED: ProblemKind(_S.GONE, "The code has changed since"),
    _R.CODE_VERSION_WRONG: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The delivery needs another code"),
    _R.CODE_EXPIRED: ProblemKind(_S.GONE, "The code has expired"),
    _R.CODE_FOREIGN: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The code belongs to something else"),
    _R.CODE_LOCKED: ProblemKind(_S.LOCKED, "The code is locked after wrong tries"),
    _R.CODE_NOT_READY: ProblemKind(_S.NOT_FOUND, "There is no code yet"),
    _R.RISK_STEP_UP: ProblemKind(_S.FORBIDDEN, "This needs another proof of who you are"),
    _R.RISK_HELD: ProblemKind(_S.CONFLICT, "Staff have to look at this first"),
    _R.RISK_REFUSED: ProblemKind(_S.FORBIDDEN, "This is refused"),
    _R.CODE_HELD_ELSEWHERE: ProblemKind(_S.CONFLICT, "The code is held by another device"),
    _R.CODE_NEEDS_DEVICE: ProblemKind(_S.CONFLICT, "The code is shown by a device alone"),
    _R.DEVICE_MISSING: ProblemKind(_S.FORBIDDEN, "This needs the signature of your device"),
    _R.DEVICE_WRONG: ProblemKind(_S.FORBIDDEN, "This device does not count here"),
    _R.CLAIM_CONFLICT: ProblemKind(_S.CONFLICT, "Somebody else has decided about the claim"),
    _R.PAYMENT_CAPTURING: ProblemKind(
        _S.CONFLICT, "The payment is not held yet: the parcel stays with its sender"
    ),
    _R.PAYMENT_NOT_CAPTURED: ProblemKind(
        _S.CONFLICT, "The payment is not held: the parcel stays with its sender"
    ),
    _R.CANCEL_TOO_LATE: ProblemKind(_S.CONFLICT, "It is too late to cancel"),
    _R.CANCELLATION_COSTS_MORE: ProblemKind(
        _S.CONFLICT, "Cancelling costs more than you agreed to"
    ),
    _R.NO_SHOW_TOO_EARLY: ProblemKind(_S.CONFLICT, "Nobody is late for the pickup yet"),
    _R.REASON_MISSING: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The reason for this is missing"),
    _R.POSITION_NOT_NEAR: ProblemKind(_S.CONFLICT, "It needs a position near the place"),
    _R.PROOF_MISSING: ProblemKind(_S.CONFLICT, "This has to be proven first"),
    _R.PLACE_MISSING: ProblemKind(_S.UNPROCESSABLE_ENTITY, "This needs your position"),
    _R.PLACE_INACCURATE: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The position is not exact enough"),
    _R.PLACE_OUTDATED: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The position is too old"),
    _R.PLACE_TOO_FAR: ProblemKind(_S.CONFLICT, "This is too far away"),
    _R.PLACE_MOCKED: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The position is made up"),
    _R.PERSON_UNPROVEN: ProblemKind(_S.FORBIDDEN, "Both sides have to show who they are"),
    _R.LEAVING_NOT_ALLOWED: ProblemKind(_S.CONFLICT, "The parcel may not be left there"),
    _R.RELAY_NOT_OPEN: ProblemKind(_S.CONFLICT, "There is no such relay to decide about now"),
    _R.RELAY_LIMIT_REACHED: ProblemKind(_S.CONFLICT, "The parcel cannot be handed on again"),
    _R.RELAY_TERMS_INVALID: ProblemKind(_S.UNPROCESSABLE_ENTITY, "These terms are not possible"),
    _R.RELAY_NEEDS_ACCOUNT: ProblemKind(_S.CONFLICT, "There is no account to be paid at"),
    _R.REVIEW_VISIBLE: ProblemKind(_S.CONFLICT, "The review can no longer be changed"),
    _R.REVIEW_WINDOW_CLOSED: ProblemKind(_S.CONFLICT, "The time to review is over"),
    _R.UNDO_WINDOW_CLOSED: ProblemKind(_S.CONFLICT, "The step can no longer be undone"),
    _R.DISPUTE_WINDOW_CLOSED: ProblemKind(_S.CONFLICT, "The dispute window has closed"),
    _R.DISPUTE_ALREADY_DECIDED: ProblemKind(_S.CONFLICT, "The dispute has been decided"),
    _R.DISPUTE_CLOSED: ProblemKind(_S.CONFLICT, "The dispute is closed"),
    _R.DISPUTE_CHANGED: ProblemKind(_S.PRECONDITION_FAILED, "The dispute has changed since"),
    _R.PROPOSAL_UNKNOWN: ProblemKind(_S.NOT_FOUND, "There is no such proposal"),
    _R.PROPOSAL_CLOSED: ProblemKind(_S.CONFLICT, "The proposal is closed"),
    _R.PROPOSALS_REACHED: ProblemKind(_S.CONFLICT, "The dispute takes no more of your proposals"),
    _R.EVIDENCE_NOT_NEW: ProblemKind(
        _S.UNPROCESSABLE_ENTITY, "The appeal needs evidence of yours that the verdict had not seen"
    ),
    _R.VERDICT_AMOUNT_INVALID: ProblemKind(
        _S.UNPROCESSABLE_ENTITY, "The amount does not fit the verdict"
    ),
    _R.CORRECTION_AMOUNT_INVALID: ProblemKind(
        _S.UNPROCESSABLE_ENTITY, "The amount does not fit what the books say"
    ),
    _R.BEARER_INVALID: ProblemKind(
        _S.UNPROCESSABLE_ENTITY, "It is not named who bears or owes this"
    ),
    _R.OFFER_REVISIONS_REACHED: ProblemKind(_S.CONFLICT, "The offer takes no more prices"),
    _R.REQUESTS_REACHED: ProblemKind(_S.CONFLICT, "No more requests for extra costs are taken"),
    _R.PAYMENT_ATTEMPTS_REACHED: ProblemKind(_S.CONFLICT, "No more payment methods are tried"),
    _R.NEEDS_ATTENTION: ProblemKind(_S.CONFLICT, "The delivery waits for staff"),
    _R.TOO_MANY_COMMANDS: ProblemKind(
        _S.TOO_MANY_REQUESTS, "The delivery has taken too many commands in a row"
    ),
    _R.ON_HOLD: ProblemKind(_S.CONFLICT, "The delivery is on hold"),
    _R.NOT_ON_HOLD: ProblemKind(_S.CONFLICT, "The delivery is not on hold"),
    _R.AMENDMENT_INVALID: ProblemKind(_S.UNPROCESSABLE_ENTITY, "This cannot be corrected so"),
    _R.RISK_DECISION_UNKNOWN: ProblemKind(_S.NOT_FOUND, "There is no such decision to let pass"),
    _R.SECOND_PERSON_NEEDED: ProblemKind(
        _S.CONFLICT, "A second person of staff has to agree to this"
    ),
    _R.AMENDMENT_UNKNOWN: ProblemKind(_S.NOT_FOUND, "There is no such amendment to take over"),
    _R.NOTHING_NEEDS_ATTENTION: ProblemKind(_S.CONFLICT, "No step is parked"),
    _R.SKIP_NOT_SAFE: ProblemKind(_S.CONFLICT, "Skipping this step could lose money"),
    _R.ESCROW_CONFLICT: ProblemKind(_S.CONFLICT, "The held payment cannot make this move"),
    _R.CHARGEBACK_OPEN: ProblemKind(_S.CONFLICT, "A chargeback keeps the payment frozen"),
    _R.DUES_FIRST: ProblemKind(_S.CONFLICT, "What the traveler owes is kept back first"),
    _R.NO_ERASURE: ProblemKind(_S.NOT_FOUND, "No erasure was asked for"),
    _R.ERASURE_BINDING: ProblemKind(_S.CONFLICT, "The erasure can not be taken back any more"),
    _R.OVERRIDE_EXPIRED: ProblemKind(_S.CONFLICT, "Nobody approved the override in time"),
    _R.OVERRIDE_SAME_PERSON: ProblemKind(
        _S.FORBIDDEN, "Two accounts in this override belong to one person"
    ),
    _R.DUES_CHANGED: ProblemKind(_S.CONFLICT, "The traveler owes something else by now"),
    _E.ACCOUNT_MISSING: ProblemKind(_S.CONFLICT, "There is no account to change"),
    _E.ADDRESS_BOOK_FULL: ProblemKind(_S.CONFLICT, "You keep as many addresses as one may"),
    _E.API_KEYS_REACHED: ProblemKind(_S.CONFLICT, "As many keys live as may do so at once"),
    _E.ACCOUNT_EXISTS: ProblemKind(_S.CONFLICT, "There is an account already"),
    _E.ATTENTION_SETTLED: ProblemKind(_S.CONFLICT, "The item has been settled"),
    _E.BODY_MALFORMED: ProblemKind(_S.BAD_REQUEST, "The body is not the JSON it has to be"),
    _E.BODY_TOO_LARGE: ProblemKind(_S.REQUEST_ENTITY_TOO_LARGE, "The body is too large"),
    _E.BODY_TOO_SLOW: ProblemKind(_S.REQUEST_TIMEOUT, "The body did not arrive in time"),
    _E.CLOCKS_STAND_STILL: ProblemKind(_S.CONFLICT, "The clocks cannot be moved here"),
    _E.CURSOR_INVALID: ProblemKind(_S.BAD_REQUEST, "The cursor is not one of ours"),
    _E.DEVICES_REACHED: ProblemKind(_S.CONFLICT, "You have as many devices as you may"),
    _E.DEVICE_KNOWN: ProblemKind(_S.CONFLICT, "The key is that of another device of yours"),
    _E.DISPUTE_FULL: ProblemKind(_S.CONFLICT, "The dispute takes no more of this"),
    _E.FILE_ALREADY_THERE: ProblemKind(_S.CONFLICT, "This evidence has another file"),
    _E.FILE_DIFFERS: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The file is not the one that was named"),
    _E.FILE_REFUSED: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The file is no picture to be kept"),
    _E.HEAD_TOO_LARGE: ProblemKind(
        _S.REQUEST_HEADER_FIELDS_TOO_LARGE, "The address or the headers are too large"
    ),
    _E.EMAIL_NOT_VERIFIED: ProblemKind(_S.FORBIDDEN, "The address has not been verified"),
    _E.FIELDS_INVALID: ProblemKind(_S.UNPROCESSABLE_ENTITY, "Some fields are not valid"),
    _E.IDEMPOTENCY_KEY_INVALID: ProblemKind(_S.BAD_REQUEST, "The Idempotency-Key is not valid"),
    _E.IDEMPOTENCY_KEY_MISSING: ProblemKind(_S.BAD_REQUEST, "The Idempotency-Key is missing"),
    _E.IDEMPOTENCY_KEY_REUSED: ProblemKind(
        _S.UNPROCESSABLE_ENTITY, "The Idempotency-Key belongs to another request"
    ),
    _E.INTERNAL_ERROR: ProblemKind(_S.INTERNAL_SERVER_ERROR, "Something went wrong on our side"),
    _E.LABEL_DIFFERS: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The label is that of another parcel"),
    _E.METHOD_NOT_ALLOWED: ProblemKind(_S.METHOD_NOT_ALLOWED, "The method is not allowed here"),
    _E.NOT_ACCEPTABLE: ProblemKind(_S.NOT_ACCEPTABLE, "None of the accepted types can be given"),
    _E.NOT_FOUND: ProblemKind(_S.NOT_FOUND, "There is nothing here for you"),
    _E.ORIGIN_REFUSED: ProblemKind(_S.FORBIDDEN, "This page may not use the API"),
    _E.PASSWORD_REFUSED: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The password is not taken"),
    _E.PASSWORD_WRONG: ProblemKind(_S.FORBIDDEN, "The password is wrong"),
    _E.PASSKEYS_REACHED: ProblemKind(_S.CONFLICT, "You have as many passkeys as you may"),
    _E.PASSKEY_REFUSED: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The passkey proves nothing"),
    _E.PAYMENT_ACTION_NOT_WANTED: ProblemKind(_S.NOT_FOUND, "The bank wants nothing from you"),
    _E.PAYOUT_ACCOUNT_MISSING: ProblemKind(_S.NOT_FOUND, "There is no account to pay out to"),
    _E.PAYOUT_ACCOUNT_REFUSED: ProblemKind(
        _S.UNPROCESSABLE_ENTITY, "The payment provider opens no such account"
    ),
    _E.PERSON_UNKNOWN: ProblemKind(_S.UNPROCESSABLE_ENTITY, "A named person has no account"),
    _E.PRE_AUTH_TOKEN_REFUSED: ProblemKind(_S.UNAUTHORIZED, "This sign-in is over"),
    _E.PROOFS_REACHED: ProblemKind(_S.CONFLICT, "The delivery takes no more proofs"),
    _E.PROVIDER_REFUSED: ProblemKind(_S.UNAUTHORIZED, "The provider does not show who you are"),
    _E.REDIRECT_REFUSED: ProblemKind(_S.UNPROCESSABLE_ENTITY, "Nobody is sent back there"),
    _E.REFRESH_TOKEN_REFUSED: ProblemKind(_S.UNAUTHORIZED, "The refresh token is not taken"),
    _E.REQUEST_IN_FLIGHT: ProblemKind(_S.CONFLICT, "The same request is being carried out"),
    _E.REQUEST_REFUSED: ProblemKind(_S.BAD_REQUEST, "The request cannot be read"),
    _E.ROBOTS_BUSY: ProblemKind(_S.TOO_MANY_REQUESTS, "As many robots play as may do so at once"),
    _E.SIGN_IN_FAILED: ProblemKind(_S.UNAUTHORIZED, "Nobody can be signed in with this"),
    _E.LAST_FACTOR: ProblemKind(_S.CONFLICT, "Your roles demand this second factor"),
    _E.SECOND_FACTOR_BLOCKED: ProblemKind(_S.TOO_MANY_REQUESTS, "There were too many wrong codes"),
    _E.SECOND_FACTOR_ENROLMENT_REQUIRED: ProblemKind(_S.FORBIDDEN, "A second factor is needed"),
    _E.SECOND_FACTOR_NOT_BEGUN: ProblemKind(_S.CONFLICT, "There is no setup to confirm"),
    _E.SECOND_FACTOR_WRONG: ProblemKind(_S.UNPROCESSABLE_ENTITY, "The factor proves nothing"),
    _E.SIGN_IN_AGAIN: ProblemKind(_S.FORBIDDEN, "You have to have signed in just now"),
    _E.STEP_UP_REQUIRED: ProblemKind(_S.FORBIDDEN, "This request needs your approval"),
    _E.SCOPE_MISSING: ProblemKind(_S.FORBIDDEN, "The credential is not for this"),
    _E.STAFF_POWERS_WITHHELD: ProblemKind(_S.FORBIDDEN, "Your powers as staff do not count here"),
    _E.TOKEN_ALGORITHM_REFUSED: ProblemKind(
        _S.UNAUTHORIZED, "The access token is signed in a way that is not accepted"
    ),
    _E.TOKEN_CLAIMS_MISSING: ProblemKind(
        _S.UNAUTHORIZED, "The access token does not say all that it has to"
    ),
    _E.TOKEN_EXPIRED: ProblemKind(_S.UNAUTHORIZED, "The access token has expired"),
    _E.TOKEN_KEY_UNKNOWN: ProblemKind(
        _S.UNAUTHORIZED, "The access token names a key that is none of ours"
    ),
    _E.TOKEN_MALFORMED: ProblemKind(_S.UNAUTHORIZED, "The access token cannot be read"),
    _E.TOKEN_NOT_FOR_HERE: ProblemKind(
        _S.UNAUTHORIZED, "The access token was made by or for somebody else"
    ),
    _E.TOKEN_SIGNATURE_WRONG: ProblemKind(
        _S.UNAUTHORIZED, "The signature of the access token is wrong"
    ),
    _E.TOKEN_TYPE_REFUSED: ProblemKind(_S.UNAUTHORIZED, "The signed token is no access token"),
    _E.TOO_MANY_REQUESTS: ProblemKind(_S.TOO_MANY_REQUESTS, "These are too many requests"),
    _E.TOO_MANY_TRIES: ProblemKind(_S.TOO_MANY_REQUESTS, "There were too many tries"),
    _E.UNAUTHENTICATED: ProblemKind(_S.UNAUTHORIZED, "A valid access token is needed"),
    _E.UNAVAILABLE: ProblemKind(_S.SERVICE_UNAVAILABLE, "The platform cannot answer right now"),
    _E.UNSUPPORTED_MEDIA_TYPE: ProblemKind(
        _S.UNSUPPORTED_MEDIA_TYPE, "The body has to be application/json"
    ),
    _E.WEBHOOK_REFUSED: ProblemKind(
        _S.BAD_REQUEST, "The message does not prove who sent it just now"
    ),
}
"""Every code the API can answer with: the only place that gives a code its status."""
