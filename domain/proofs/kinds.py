"""What proves a handover besides its code."""

from __future__ import annotations

from enum import StrEnum


class ProofKind(StrEnum):
    """One kind of proof."""

    PHOTO = "photo"
    """A picture of the parcel where it changes hands."""
    SIGNATURE = "signature"
    """Strokes of whoever gets the parcel, drawn on the phone of whoever gives it."""
    ID_CHECK = "id_check"
    """The traveler has seen a document and says that its holder is old enough; no number of it."""
    LABEL_BARCODE = "label_barcode"
    """What the parcel's own label says, scanned from the parcel."""
    SAFE_PLACE_PHOTO = "safe_place_photo"
    """A picture of the parcel where it was left."""


PICTURES = frozenset({ProofKind.PHOTO, ProofKind.SAFE_PLACE_PHOTO})
"""Kinds that somebody takes with a camera."""
BY_TRAVELER = frozenset(ProofKind) - {ProofKind.PHOTO}
"""Kinds that count from the traveler only: who they are about cannot vouch for themselves."""


class IdDocument(StrEnum):
    """Which document was looked at."""

    PASSPORT = "passport"
    ID_CARD = "id_card"
    DRIVING_LICENCE = "driving_licence"
    RESIDENCE_PERMIT = "residence_permit"
