"""Handover codes: how they are derived, written and read.

A code is derived from a platform key and a random nonce per code, so that the database never holds
one. It names its delivery and purpose and carries a message authentication code over both.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from domain.contracts import CodePurpose
from domain.handover.claimed import PIN_DIGITS, CodeVersion
from domain.handover.lettering import (
    IDENTITY_BYTES,
    TAG_BYTES,
    base32,
    identity_of,
    letter_of,
    mac,
    purpose_of,
    unbase32,
)
from domain.ids import DeliveryId

_LINK_TAG_BYTES = 16
_LINK_CHARS_MAX = 64


@dataclass(frozen=True, slots=True)
class HandoverCode:
    """What the counterparty shows."""

    text: str
    """46 characters of the QR alphanumeric set: prefix, purpose letter, base32 body."""
    pin: str
    """Six digits, for a broken camera."""
    link_token: str
    """Token of the link under which a person without an account sees the code."""


def derive_code(
    key: bytes, delivery_id: DeliveryId, purpose: CodePurpose, nonce: bytes
) -> HandoverCode:
    """Derive the code of one handover; the same inputs always give the same code."""
    tag = mac(key, b"code", delivery_id, purpose, nonce)[:TAG_BYTES]
    number = int.from_bytes(mac(key, b"pin", delivery_id, purpose, nonce)[:8], "big")
    link = mac(key, b"link", delivery_id, purpose, nonce)[:_LINK_TAG_BYTES]
    identity, letter = identity_of(delivery_id), letter_of(purpose)
    return HandoverCode(
        text=f"{CodeVersion.OPAQUE}{letter}{base32(identity + tag)}",
        pin=f"{number % 10**PIN_DIGITS:0{PIN_DIGITS}d}",
        link_token=f"{letter}{base32(identity + link)}",
    )


def read_link_token(token: str) -> tuple[DeliveryId, CodePurpose] | None:
    """Return which delivery and purpose a link token names, or none when it is no token."""
    purpose = purpose_of(token[:1])
    body = unbase32(token[1:]) if len(token) <= _LINK_CHARS_MAX else None
    if purpose is None or body is None or len(body) != IDENTITY_BYTES + _LINK_TAG_BYTES:
        return None
    return DeliveryId(str(UUID(bytes=body[:IDENTITY_BYTES]))), purpose


def digest_of(key: bytes, delivery_id: DeliveryId, purpose: CodePurpose, scanned: str) -> str:
    """Return the keyed digest under which a code or PIN is compared, in hex."""
    return mac(key, b"digest", delivery_id, purpose, scanned.encode()).hex()
