"""What the texts of all codes are made of: a letter for the purpose, and base32."""

from __future__ import annotations

import hmac
from base64 import b32decode, b32encode
from hashlib import sha256
from uuid import UUID

from domain.contracts import CodePurpose
from domain.ids import DeliveryId, DeviceId

IDENTITY_BYTES = 16
TAG_BYTES = 10
"""Length of a message authentication code: 80 bits, of which nobody gets more than a few tries."""
_PURPOSE_LETTERS = {
    CodePurpose.PICKUP: "P",
    CodePurpose.HANDOVER: "H",
    CodePurpose.RETURN: "R",
    CodePurpose.RELAY: "T",
}
_LETTER_PURPOSES = {letter: purpose for purpose, letter in _PURPOSE_LETTERS.items()}


def letter_of(purpose: CodePurpose) -> str:
    """Return the letter by which a text names its purpose."""
    return _PURPOSE_LETTERS[purpose]


def purpose_of(letter: str) -> CodePurpose | None:
    """Return the purpose that a letter names, or none."""
    return _LETTER_PURPOSES.get(letter)


def identity_of(identity: DeliveryId | DeviceId) -> bytes:
    """Return the sixteen bytes of an id."""
    return UUID(identity).bytes


def mac(
    key: bytes, label: bytes, delivery_id: DeliveryId, purpose: CodePurpose, rest: bytes
) -> bytes:
    """Return the keyed hash of something about one handover, 32 bytes."""
    message = b"\x00".join((label, purpose.encode(), identity_of(delivery_id) + rest))
    return hmac.new(key, message, sha256).digest()


def base32(raw: bytes) -> str:
    """Return bytes in letters and digits that a QR code packs tightly, without padding."""
    return b32encode(raw).decode().rstrip("=")


def unbase32(text: str) -> bytes | None:
    """Return the bytes that a text stands for, or none when it stands for none."""
    try:
        return b32decode(text + "=" * (-len(text) % 8))
    except (ValueError, UnicodeEncodeError):
        return None
