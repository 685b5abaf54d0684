"""Which proofs a leg needs, as data, and the bounds of what is kept of them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.contracts import CodePurpose
from domain.handover.levels import ProofLevel
from domain.journey.terms import HandoverObstacle
from domain.proofs.kinds import ProofKind


class LegOutcome(StrEnum):
    """How a leg comes to its end."""

    DONE = "done"
    """The parcel changes hands."""
    LEFT = "left"
    """It is left where the customer allowed it."""
    FAILED = "failed"
    """It cannot be handed over."""


@dataclass(frozen=True, slots=True)
class ProofRule:
    """Proofs that a leg needs, from a level on."""

    level: ProofLevel
    """The weakest level that it is for; it is for all stronger ones too."""
    leg: CodePurpose
    outcome: LegOutcome
    kinds: tuple[ProofKind, ...]
    reasons: frozenset[str] = frozenset()
    """Reasons of the outcome that it is for; for any when empty."""


_HIGH, _MAXIMUM = ProofLevel.HIGH, ProofLevel.MAXIMUM
_PHOTO = (ProofKind.PHOTO,)
RULES: tuple[ProofRule, ...] = (
    # Nobody can say later that a parcel of this value was another one, or broken before.
    *(ProofRule(_MAXIMUM, leg, LegOutcome.DONE, _PHOTO) for leg in CodePurpose),
    # No code proves a parcel that was left: the picture is all that its recipient has.
    ProofRule(_MAXIMUM, CodePurpose.HANDOVER, LegOutcome.LEFT, (ProofKind.SAFE_PLACE_PHOTO,)),
    # Damage that is not shown at once is quarrelled about for weeks.
    ProofRule(
        _HIGH,
        CodePurpose.HANDOVER,
        LegOutcome.FAILED,
        _PHOTO,
        frozenset({HandoverObstacle.PARCEL_DAMAGED}),
    ),
    # A closed door is easily said, and money follows.
    ProofRule(
        _MAXIMUM,
        CodePurpose.HANDOVER,
        LegOutcome.FAILED,
        _PHOTO,
        frozenset({HandoverObstacle.RECIPIENT_ABSENT, HandoverObstacle.WRONG_ADDRESS}),
    ),
)
"""Everything that levels ask for; the standard level asks for nothing."""


@dataclass(frozen=True, slots=True)
class ProofTerms:
    """What the customer asked for when the delivery was opened, and the sender before pickup."""

    minimum_age: int | None = None
    """Whoever gets the parcel has to be as many years old."""
    signature: bool = False
    """Whether whoever gets the parcel signs for it."""
    safe_place_photo: bool = False
    """Whether a parcel that is left has to be photographed there."""
    has_label: bool = False
    """Whether it is known what the parcel's own label says, so that it can be compared."""


NO_TERMS = ProofTerms()
"""What deliveries have whose customer asked for nothing."""


@dataclass(frozen=True, slots=True)
class ProofItemPolicy:
    """Bounds of what is kept as proof. Units in the names."""

    items_max: int = 24
    """Proofs of one delivery: six on each of four legs."""
    picture_bytes_max: int = 6 * 1024 * 1024
    """Largest picture as it is sent: what phones write at their usual quality."""
    side_px_max: int = 1_600
    """Longest side of what is kept: a label can be read, and a document of all pictures be mailed."""
    strokes_max: int = 60
    """Strokes of a signature: long names in careful hands have half as many."""
    points_max: int = 4_000
    """Points of a signature: a phone notes sixty a second, and nobody signs for a minute."""
    label_chars_min: int = 4
    """Shortest label: fewer signs are guessed."""
    label_chars_max: int = 200
    """Longest label: more is no barcode."""
    minimum_age_from: int = 12
    minimum_age_to: int = 25
    """Ages that somebody may ask for: those that laws know."""
