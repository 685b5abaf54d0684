"""What a traveler's phone takes along to scan without network, as one signed text.

It lets the phone tell a right code from a wrong one and lets nobody make a code: of an opaque code it
holds a salted hash, of a signing device the public key, and of a rotating code nothing at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from domain.contracts import CodePurpose
from domain.handover.levels import ProofLevel
from domain.ids import DeliveryId, DeviceId
from domain.offline.policy import OfflinePolicy
from domain.pricing import Place

SIGNED_AS = b"sendalong offline manifest 1\n"
"""What is put before a manifest that is signed, so that the key's signature says nothing else."""
VERSION = "SM1"
SALT_BYTES = 16
NO_CLAIM = bytes(32).hex()
"""What the first claim of a device names as the one before it."""


@dataclass(frozen=True, slots=True)
class CheckValue:
    """Tells a right opaque code from a wrong one.

    A code has 80 bits that only the platform's key makes: 10^12 tries a second find one in 38,000
    years. A PIN has 20 bits and would be found at once, so that there is none for PINs.
    """

    salt: bytes
    digest: bytes

    @classmethod
    def of(cls, salt: bytes, code: str) -> CheckValue:
        """Return the check value of a code."""
        return cls(salt, sha256(salt + code.encode()).digest())

    def fits(self, code: str) -> bool:
        """Tell whether it is the code of this value."""
        return CheckValue.of(self.salt, code) == self


@dataclass(frozen=True, slots=True)
class HolderKey:
    """The device that signs the codes of the highest level."""

    device_id: DeviceId
    algorithm: str
    public_key: bytes


@dataclass(frozen=True, slots=True)
class ManifestLeg:
    """One code that may be scanned."""

    purpose: CodePurpose
    place: Place
    """Where the parcel changes hands."""
    valid_until: datetime
    """When the code expires, in UTC."""
    check: CheckValue | None = None
    """None for codes that change."""
    holder: HolderKey | None = None
    """None unless the code is signed, and while nobody holds it."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What may be scanned without network, by which device and until when."""

    manifest_id: str
    delivery_id: DeliveryId
    device_id: DeviceId
    """The traveler's device: claims of others do not count."""
    level: ProofLevel
    radius_m: int
    """Greatest distance from the place of a leg; a standard delivery asks for none."""
    legs: tuple[ManifestLeg, ...]
    first_counter: int
    """Number of the device's next claim, if none is still to be sent."""
    previous_hash: str
    """Hash of the device's last claim that came in, in hexadecimal."""
    issued_at: datetime
    valid_until: datetime

    @property
    def text(self) -> str:
        """The manifest as canonical JSON: keys sorted, no spaces, ASCII only."""
        said = {
            "delivery_id": self.delivery_id,
            "device_id": self.device_id,
            "first_counter": self.first_counter,
            "issued_at": _moment(self.issued_at),
            "legs": [_leg(leg) for leg in self.legs],
            "level": self.level,
            "manifest_id": self.manifest_id,
            "previous_hash": self.previous_hash,
            "radius_m": self.radius_m,
            "valid_until": _moment(self.valid_until),
            "version": VERSION,
        }
        return json.dumps(said, sort_keys=True, separators=(",", ":"))

    @property
    def signed_bytes(self) -> bytes:
        """What the signature is over."""
        return SIGNED_AS + self.text.encode()

    @property
    def hash(self) -> str:
        """By which claims name it beside its id, in hexadecimal."""
        return sha256(self.text.encode()).hexdigest()


def life_ends(policy: OfflinePolicy, issued_at: datetime) -> datetime:
    """Return when a manifest that is issued now stops counting."""
    return issued_at + timedelta(seconds=policy.manifest_s)


def _leg(leg: ManifestLeg) -> dict[str, Any]:
    check, holder = leg.check, leg.holder
    return {
        "check": None
        if check is None
        else {"digest": check.digest.hex(), "salt": check.salt.hex()},
        "holder": None
        if holder is None
        else {
            "algorithm": str(holder.algorithm),
            "device_id": holder.device_id,
            "public_key": holder.public_key.hex(),
        },
        "latitude": leg.place.latitude,
        "longitude": leg.place.longitude,
        "purpose": str(leg.purpose),
        "valid_until": _moment(leg.valid_until),
    }


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
