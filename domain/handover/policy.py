"""Which deliveries need which proof, and what the checks of a scan allow."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProofPolicy:
    """How handovers are proven. Units: euro cents for values."""

    high_from_minor: int = 100_000
    """Declared value from which the level is high; never by value when zero. More than most people
    would hand to a stranger on a code that a picture can copy."""
    maximum_from_minor: int = 500_000
    """Declared value from which the level is maximum; never by value when zero: what a customer would
    send with an insured courier otherwise."""
    step_s: int = 20
    """How long a rotating or signed code is shown: long enough to be scanned, too short to be sent
    on to somebody elsewhere and shown there."""
    steps_around_max: int = 1
    """Steps before and after the present one that are accepted: clocks of phones are off by seconds."""
    radius_m: int = 200
    """Greatest distance from the agreed place: a city block, with the parking lot around the corner."""
    accuracy_m_max: int = 50
    """Worst accuracy of a position that counts: phones reach it outside and at windows."""
    fix_age_s_max: int = 60
    """Greatest age of a position: nobody walks out of the radius and back within a minute."""
    clock_ahead_s_max: int = 30
    """How far a phone's clock may run ahead: positions from the future prove nothing."""
    apart_m_max: int = 100
    """Greatest distance between the two positions at the maximum level: twice the accuracy."""
    presence_s_max: int = 300
    """How long somebody who has proven to be present counts as present: a passkey on each side takes a
    minute, and nobody leaves a parcel in the middle of its handover."""


OPAQUE_CODES = ProofPolicy(high_from_minor=0, maximum_from_minor=0)
"""What the oldest deliveries were opened under: an opaque code whatever the value."""
