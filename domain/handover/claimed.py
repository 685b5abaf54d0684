"""What a scanned or typed text claims to be, before anything about it is proven."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from domain.contracts import CodePurpose
from domain.errors import Refusal, RefusalCode
from domain.handover.lettering import IDENTITY_BYTES, TAG_BYTES, purpose_of, unbase32
from domain.ids import DeliveryId, DeviceId

SCANNED_CHARS_MAX = 400
"""Longest text that is looked at: twice the longest code, with spaces."""
PIN_DIGITS = 6
STEP_BYTES = 4
SIGNATURE_BYTES = 64
_PREFIX_CHARS = 3


class CodeVersion(StrEnum):
    """How a code proves itself; all but the PIN are the prefix of its text."""

    PIN = "PIN"
    """Six digits, for a broken camera."""
    OPAQUE = "SA1"
    """A message authentication code that stays the same until it is used."""
    ROTATING = "SA2"
    """A message authentication code that changes every step."""
    SIGNED = "SA3"
    """A signature of one device that changes every step."""


@dataclass(frozen=True, slots=True)
class ClaimedCode:
    """A text that has the form of a code; what a version does not hold is empty."""

    version: CodeVersion
    normalised: str
    """The text without spaces, in capitals."""
    purpose: CodePurpose | None = None
    delivery_id: DeliveryId | None = None
    device_id: DeviceId | None = None
    step: int = 0
    """Number of the step in which it was made."""
    proof: bytes = b""
    """The message authentication code, or the signature."""


def read_claimed(text: str) -> ClaimedCode:
    """Read any text as a code or PIN, in time that its length bounds.

    Raises:
        Refusal: `code_wrong` when the text has the form of none.
    """
    if len(text) > SCANNED_CHARS_MAX:
        raise _no_code()
    normalised = "".join(text.split()).upper()
    if len(normalised) == PIN_DIGITS and normalised.isascii() and normalised.isdigit():
        return ClaimedCode(CodeVersion.PIN, normalised)
    purpose = purpose_of(normalised[_PREFIX_CHARS : _PREFIX_CHARS + 1])
    body = unbase32(normalised[_PREFIX_CHARS + 1 :])
    fields = _FIELDS.get(normalised[:_PREFIX_CHARS])
    if purpose is None or body is None or fields is None or len(body) != sum(fields):
        raise _no_code()
    delivery, device, step, proof = _cut(body, fields)
    return ClaimedCode(
        CodeVersion(normalised[:_PREFIX_CHARS]),
        normalised,
        purpose,
        DeliveryId(str(UUID(bytes=delivery))),
        DeviceId(str(UUID(bytes=device))) if device else None,
        int.from_bytes(step, "big"),
        proof,
    )


_FIELDS: dict[str, tuple[int, int, int, int]] = {
    CodeVersion.OPAQUE: (IDENTITY_BYTES, 0, 0, TAG_BYTES),
    CodeVersion.ROTATING: (IDENTITY_BYTES, 0, STEP_BYTES, TAG_BYTES),
    CodeVersion.SIGNED: (IDENTITY_BYTES, IDENTITY_BYTES, STEP_BYTES, SIGNATURE_BYTES),
}
"""Bytes of delivery, device, step and proof in the body of each version."""


def _cut(body: bytes, lengths: tuple[int, ...]) -> list[bytes]:
    parts: list[bytes] = []
    for length in lengths:
        parts.append(body[:length])
        body = body[length:]
    return parts


def _no_code() -> Refusal:
    return Refusal(RefusalCode.CODE_WRONG, "This is not a Sendalong handover code.")
