"""Public keys of devices, as they are named and kept."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class KeyAlgorithm(StrEnum):
    """How a device signs."""

    ED25519 = "ed25519"
    """Source: RFC 8032."""
    P256 = "p256"
    """ECDSA over P-256 with SHA-256. Source: FIPS 186-5."""


PUBLIC_KEY_BYTES = {KeyAlgorithm.ED25519: 32, KeyAlgorithm.P256: 65}
"""Lengths of public keys, as `exportKey('raw')` of WebCrypto gives them: an encoded point, for P-256
not compressed."""


@dataclass(frozen=True, slots=True)
class DeviceKey:
    """A public key that was imported: on its curve, and of no small order."""

    algorithm: KeyAlgorithm
    raw: bytes
