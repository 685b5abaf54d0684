"""Signed codes: made by the key of one device, which no platform key can stand in for."""

from __future__ import annotations

from collections.abc import Callable

from domain.contracts import CodePurpose
from domain.handover.claimed import STEP_BYTES, ClaimedCode, CodeVersion
from domain.handover.lettering import base32, identity_of, letter_of
from domain.ids import DeliveryId, DeviceId

SignatureCheck = Callable[[bytes, bytes], bool]
"""Tells whether a device's key made a signature (the first) over a message (the second)."""


def message_of(
    delivery_id: DeliveryId, purpose: CodePurpose, device_id: DeviceId, step: int
) -> bytes:
    """Return the bytes that a device signs for a step."""
    prefix = f"{CodeVersion.SIGNED}{letter_of(purpose)}".encode()
    return prefix + _body(delivery_id, device_id, step)


def signed_code(
    delivery_id: DeliveryId, purpose: CodePurpose, device_id: DeviceId, step: int, signature: bytes
) -> str:
    """Return the 164 characters that a device shows during a step."""
    body = _body(delivery_id, device_id, step) + signature
    return f"{CodeVersion.SIGNED}{letter_of(purpose)}{base32(body)}"


def is_signature_right(check: SignatureCheck, claimed: ClaimedCode) -> bool:
    """Tell whether a device's key made a code, whenever that was."""
    if claimed.delivery_id is None or claimed.purpose is None or claimed.device_id is None:
        return False
    message = message_of(claimed.delivery_id, claimed.purpose, claimed.device_id, claimed.step)
    return check(claimed.proof, message)


def _body(delivery_id: DeliveryId, device_id: DeviceId, step: int) -> bytes:
    return identity_of(delivery_id) + identity_of(device_id) + step.to_bytes(STEP_BYTES, "big")
