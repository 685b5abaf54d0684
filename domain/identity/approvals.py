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
        _A.RESOLVE_CORRECTION,
        _A.RESOLVE_CHARGEBACK,
        _A.NAME_CHARGEBACK_BEARER,
        _A.AMEND_DELIVERY,
        _A.ORDER_BULK_HOLD,
        _A.CREATE_API_KEY,
        _A.CREATE_API_KEY_FOR,
        _A.GRANT_ROLE,
        _A.REVOKE_ROLE,
        _A.ACT_FOR,
    }
)
"""Payout changes, verdicts, overrides, and what outlives the session or its powers: nobody does one
without a second factor."""
APPROVED_BY_HOLDERS = frozenset(
    {
        _A.EXPORT_OWN_RECORDS,
        _A.REQUEST_OWN_ERASURE,
        _A.ACCEPT_OFFER,
        _A.GIVE_PAYMENT_METHOD,
        _A.ACCEPT_PROPOSAL,
        _A.AGREE_TO_EXTRA_COSTS,
        _A.ORDER_CORRECTION,
    }
)
"""Commitments to pay out of one's own pocket: the bank asks the payer, and we ask whoever has a second
factor to be asked with. Staff, who order corrections as well, always have one. A copy of everything and
the end of everything are asked about in the same way."""


def fingerprint_of(method: str, path: str, body_sha256: str) -> bytes:
    r"""Return what identifies a request: its method, its address and every byte of its body.

    Shape: 32 bytes. A client computes the same as sha256 of "POST\n/v1/...\n" and the SHA-256 of
    the body in small hexadecimal letters; without a body, that of nothing.
    """
    return sha256(f"{method}\n{path}\n{body_sha256}".encode()).digest()


def body_hash(body: bytes) -> str:
    """Return the SHA-256 of a body in hexadecimal letters."""
    return sha256(body).hexdigest()
