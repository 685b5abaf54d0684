"""Public keys of devices, as they are named and kept."""

from __future__ import annotations

from dataclasses import dataclass

from domain.handover.claimed import SIGNATURE_BYTES
from domain.handover.signed import KeyAlgorithm

__all__ = ["PUBLIC_KEY_BYTES", "SIGNATURE_BYTES", "DeviceKey", "KeyAlgorithm"]

PUBLIC_KEY_BYTES = {KeyAlgorithm.ED25519: 32, KeyAlgorithm.P256: 65}
"""Lengths of public keys, as `exportKey('raw')` of WebCrypto gives them: an encoded point, for P-256
not compressed."""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A public key that was imported: on its curve, and of no small order."""

    algorithm: KeyAlgorithm
    raw: bytes
