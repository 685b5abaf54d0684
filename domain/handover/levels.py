"""How much has to be proven before a parcel changes hands."""

from __future__ import annotations

from enum import StrEnum


class ProofLevel(StrEnum):
    """How strong the proof of a handover is; each one asks for what the one before asks for."""

    STANDARD = "standard"
    """An opaque code of single use, or a PIN."""
    HIGH = "high"
    """A rotating code on one device, with place and the scanner's device."""
    MAXIMUM = "maximum"
    """A code signed by the holder's device, both people present with passkeys, and a photo."""

    @property
    def rank(self) -> int:
        """Place in the order of strength, from 0."""
        return _RANKS[self]


_RANKS = {level: rank for rank, level in enumerate(ProofLevel)}
"""Asked for many times in each scan."""


def stronger(one: ProofLevel, other: ProofLevel) -> ProofLevel:
    """Return the stronger of two levels."""
    return max(one, other, key=lambda level: level.rank)
