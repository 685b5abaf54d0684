"""Rotating codes: made by a device that was handed a secret once, new every step.

A picture of one is of no use to somebody elsewhere a minute later, and the secret never leaves the
device again.
"""

from __future__ import annotations

import hmac
from hashlib import sha256

from domain.contracts import CodePurpose
from domain.handover.claimed import STEP_BYTES, ClaimedCode, CodeVersion
from domain.handover.lettering import TAG_BYTES, base32, identity_of, letter_of, mac
from domain.ids import DeliveryId


def rotating_secret(
    key: bytes,
    delivery_id: DeliveryId,
    purpose: CodePurpose,
    code_nonce: bytes,
    holding_nonce: bytes,
) -> bytes:
    """Derive the secret of one device's rotating code, 32 bytes.

    Another holding of the same code has another secret: what a lost device knows is worth nothing.
    """
    nonces = len(code_nonce).to_bytes(1, "big") + code_nonce + holding_nonce
    return mac(key, b"secret", delivery_id, purpose, nonces)


def rotating_code(secret: bytes, delivery_id: DeliveryId, purpose: CodePurpose, step: int) -> str:
    """Return the 52 characters that a device shows during a step."""
    body = identity_of(delivery_id) + step.to_bytes(STEP_BYTES, "big")
    tag = _tag(secret, purpose, body)
    return f"{CodeVersion.ROTATING}{letter_of(purpose)}{base32(body + tag)}"


def is_tag_right(secret: bytes, claimed: ClaimedCode) -> bool:
    """Tell whether whoever made a code held the secret, whenever that was."""
    if claimed.delivery_id is None or claimed.purpose is None:
        return False
    body = identity_of(claimed.delivery_id) + claimed.step.to_bytes(STEP_BYTES, "big")
    return hmac.compare_digest(_tag(secret, claimed.purpose, body), claimed.proof)


def _tag(secret: bytes, purpose: CodePurpose, body: bytes) -> bytes:
    message = b"\x00".join((b"rotating", letter_of(purpose).encode(), body))
    return hmac.new(secret, message, sha256).digest()[:TAG_BYTES]
