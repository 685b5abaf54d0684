"""Handover codes: how they are derived, written and read.

A code is derived from a platform key and a random nonce per code, so that the database never holds
one. It names its delivery and purpose and carries a message authentication code over both.
"""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from domain.contracts import CodePurpose
from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId

CODE_VERSION = "SA1"
"""Versioned prefix of every scanned code."""
PIN_DIGITS = 6
_IDENTITY_BYTES = 16
_TAG_BYTES = 10
_LINK_TAG_BYTES = 16
_LINK_CHARS_MAX = 64
_PURPOSE_LETTERS = {
    CodePurpose.PICKUP: "P",
    CodePurpose.HANDOVER: "H",
    CodePurpose.RETURN: "R",
    CodePurpose.RELAY: "T",
}
_LETTER_PURPOSES = {letter: purpose for purpose, letter in _PURPOSE_LETTERS.items()}


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
    identity = UUID(delivery_id).bytes
    tag = _mac(key, b"code", identity, purpose, nonce)[:_TAG_BYTES]
    number = int.from_bytes(_mac(key, b"pin", identity, purpose, nonce)[:8], "big")
    link = _mac(key, b"link", identity, purpose, nonce)[:_LINK_TAG_BYTES]
    letter = _PURPOSE_LETTERS[purpose]
    return HandoverCode(
        text=f"{CODE_VERSION}{letter}{_base32(identity + tag)}",
        pin=f"{number % 10**PIN_DIGITS:0{PIN_DIGITS}d}",
        link_token=f"{letter}{_base32(identity + link)}",
    )


@dataclass(frozen=True, slots=True)
class ScannedCode:
    """What a scanned or typed text claims to be, before anything is verified."""

    normalised: str
    """The text without spaces, in capitals."""
    is_pin: bool


def read_scanned(delivery_id: DeliveryId, purpose: CodePurpose, text: str) -> ScannedCode:
    """Read a scanned code or a typed PIN for one delivery and purpose.

    Raises:
        Refusal: `code_wrong` when the text is no code at all; `code_foreign` when it is a code of
            another delivery or another purpose.
    """
    normalised = "".join(text.split()).upper()
    if len(normalised) == PIN_DIGITS and normalised.isascii() and normalised.isdigit():
        return ScannedCode(normalised, is_pin=True)
    claimed_purpose = _LETTER_PURPOSES.get(normalised[len(CODE_VERSION) : len(CODE_VERSION) + 1])
    body = _unbase32(normalised[len(CODE_VERSION) + 1 :]) or b""
    is_code = normalised.startswith(CODE_VERSION) and len(body) == _IDENTITY_BYTES + _TAG_BYTES
    if not is_code or claimed_purpose is None:
        raise Refusal(RefusalCode.CODE_WRONG, "This is not a Sendalong handover code.")
    if body[:_IDENTITY_BYTES] != UUID(delivery_id).bytes or claimed_purpose is not purpose:
        raise Refusal(
            RefusalCode.CODE_FOREIGN, "This code belongs to another delivery or another step."
        )
    return ScannedCode(normalised, is_pin=False)


def read_link_token(token: str) -> tuple[DeliveryId, CodePurpose] | None:
    """Return which delivery and purpose a link token names, or none when it is no token."""
    purpose = _LETTER_PURPOSES.get(token[:1])
    body = _unbase32(token[1:]) if len(token) <= _LINK_CHARS_MAX else None
    if purpose is None or body is None or len(body) != _IDENTITY_BYTES + _LINK_TAG_BYTES:
        return None
    return DeliveryId(str(UUID(bytes=body[:_IDENTITY_BYTES]))), purpose


def digest_of(key: bytes, delivery_id: DeliveryId, purpose: CodePurpose, scanned: str) -> str:
    """Return the keyed digest under which a code or PIN is compared, in hex."""
    return _mac(key, b"digest", UUID(delivery_id).bytes, purpose, scanned.encode()).hex()


def _mac(key: bytes, label: bytes, identity: bytes, purpose: CodePurpose, nonce: bytes) -> bytes:
    message = b"\x00".join((label, purpose.encode(), identity + nonce))
    return hmac.new(key, message, sha256).digest()


def _base32(raw: bytes) -> str:
    return b32encode(raw).decode().rstrip("=")


def _unbase32(text: str) -> bytes | None:
    try:
        return b32decode(text + "=" * (-len(text) % 8))
    except (ValueError, UnicodeEncodeError):
        return None
