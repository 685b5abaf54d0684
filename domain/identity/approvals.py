"""What is approved when a person proves once more who they are: one request, word for word."""

from __future__ import annotations

from hashlib import sha256

from domain.identity.actions import Action

_A = Action

APPROVED_BY_ALL = frozenset(
    {
        _A.SET_UP_PAYOUT_ACCOUNT,
        _A.GIVE_VERDICT,
        _A.RESOLVE_DELIVERY,
        _A.DECIDE_CLAIM,
        _A.RESOLVE_CORRECTION,
        _A.RESOLVE_CHARGEBACK,
        _A.NAME_CHARGEBACK_BEARER,
        _A.AMEND_DELIVERY,
        _A.ORDER_BULK_HOLD,
        _A.ASK_OVERRIDE,
        _A.APPROVE_OVERRIDE,
        _A.CREATE_API_KEY,
        _A.CREATE_API_KEY_FOR,
        _A.END_SESSIONS_OF,
        _A.GRANT_ROLE,
        _A.REVOKE_ROLE,
        _A.ACT_FOR,
        _A.RELEASE_CODE,
    }
)
"""Payout changes, verdicts, overrides, what outlives the session or its powers, and taking a code from the
device that holds it: nobody does one without a second factor."""
APPROVED_BY_HOLDERS = frozenset(
    {
        _A.EXPORT_OWN_RECORDS,
        _A.REQUEST_OWN_ERASURE,
        _A.ACCEPT_OFFER,
        _A.GIVE_PAYMENT_METHOD,
        _A.CONFIRM_DELIVERY,
        _A.CANCEL_DELIVERY,
        _A.GIVE_DELIVERY_BACK,
        _A.ANSWER_RELAY,
        _A.ANSWER_DISPUTE,
        _A.MAKE_PROPOSAL,
        _A.ACCEPT_PROPOSAL,
        _A.WAIVE_APPEAL,
        _A.AGREE_TO_EXTRA_COSTS,
        _A.ORDER_CORRECTION,
        _A.ACTIVATE_DEVICE,
    }
)
"""Whatever lets money go or commits somebody to pay: the bank asks the payer, and we ask whoever has a
second factor to be asked with. Staff, who cancel and order corrections as well, always have one. A copy
of everything and the end of everything are asked about in the same way, and so is a device that shows
and scans codes from then on."""
NOT_APPROVED = {
    "what is shown or scanned at the door is a proof of its own, and hands are full there": frozenset(
        {
            _A.SHOW_CODE,
            _A.SHOW_PICKUP_CODE,
            _A.SHOW_HANDOVER_CODE,
            _A.SHOW_RETURN_CODE,
            _A.SHOW_RELAY_CODE,
            _A.HOLD_CODE,
            _A.SHOW_PRESENCE,
            _A.SCAN_PICKUP,
            _A.SCAN_HANDOVER,
            _A.SCAN_RETURN,
            _A.SCAN_RELAY,
            _A.TAKE_RELAY,
            _A.TAKE_MANIFEST,
            _A.SEND_CLAIMS,
            _A.UNDO_STEP,
        }
    ),
    "it stops money or lets it go on by its own rules, and an alarm waits for nobody's phone": frozenset(
        {_A.HOLD_DELIVERY, _A.RESUME_DELIVERY}
    ),
    "it moves no money and overrules nobody": frozenset(
        {
            _A.READ_PAYMENT_ACTION,
            _A.WITHDRAW_PROPOSAL,
            _A.TAKE_DISPUTE_OVER,
            _A.ASK_SIDE,
            _A.SUBMIT_CHARGEBACK_EVIDENCE,
            _A.HIDE_REVIEW,
            _A.SETTLE_ATTENTION,
            _A.LIST_REPORTED_REVIEWS,
            _A.LIST_PARKED_DELIVERIES,
            _A.LIST_ATTENTION,
            _A.READ_BULK_HOLD,
            _A.READ_CALLS_FOR_HELP,
            _A.LIST_OVERRIDES,
            _A.READ_OVERRIDE,
            _A.REFUSE_OVERRIDE,
            _A.WITHDRAW_OVERRIDE,
            _A.READ_RECORD,
            _A.READ_RISK_DECISIONS,
            _A.LIST_AMENDMENTS,
            _A.LIST_SCAN_ATTEMPTS,
        }
    ),
}
"""What is about money or for staff and is approved by nobody, by the reason why."""


def fingerprint_of(method: str, path: str, body_sha256: str) -> bytes:
    r"""Return what identifies a request: its method, its address with its query, every byte of its body.

    Shape: 32 bytes. A client computes the same as sha256 of "POST\n/v1/...\n" and the SHA-256 of
    the body in small hexadecimal letters; without a body, that of nothing.
    """
    return sha256(f"{method}\n{path}\n{body_sha256}".encode()).digest()


def body_hash(body: bytes) -> str:
    """Return the SHA-256 of a body in hexadecimal letters."""
    return sha256(body).hexdigest()
