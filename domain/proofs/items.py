"""One proof as it comes in: when it may, whether it counts, and which signs make a label."""

from __future__ import annotations

import hmac
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from uuid import UUID

from domain.contracts import CodePurpose, Role
from domain.ids import DeliveryId
from domain.proofs.kinds import BY_TRAVELER, ProofKind
from domain.proofs.policy import ProofTerms
from domain.status import DeliveryStatus

_S = DeliveryStatus
OPEN_IN: Mapping[CodePurpose, frozenset[DeliveryStatus]] = {
    CodePurpose.PICKUP: frozenset({_S.AWAITING_PICKUP, _S.CAPTURING, _S.IN_TRANSIT}),
    CodePurpose.RELAY: frozenset({_S.IN_TRANSIT, _S.ARRIVED}),
    CodePurpose.HANDOVER: frozenset({_S.IN_TRANSIT, _S.ARRIVED, _S.DELIVERED}),
    CodePurpose.RETURN: frozenset({_S.RETURNING, _S.RETURNED}),
}
"""Statuses in which proofs of a leg are taken: at the door, and just behind it."""


@dataclass(frozen=True, slots=True)
class IdFinding:
    """What somebody found who looked at a document."""

    minimum_age: int
    """The age that was asked for."""
    is_old_enough: bool


def proof_counts(
    terms: ProofTerms,
    kind: ProofKind,
    by: Role,
    *,
    finding: IdFinding | None = None,
    label_matches: bool | None = None,
) -> bool:
    """Tell whether a proof is one that a leg needs; others are kept all the same."""
    if kind in BY_TRAVELER and by is not Role.TRAVELER:
        return False
    if kind is ProofKind.ID_CHECK:
        return (
            finding is not None
            and finding.is_old_enough
            and finding.minimum_age >= (terms.minimum_age or 0)
        )
    if kind is ProofKind.LABEL_BARCODE:
        return label_matches is True
    return True


def label_text(text: str) -> str:
    """Return what a label says, without the spaces and forms by which scanners differ."""
    return "".join(unicodedata.normalize("NFC", text).split())


def label_digest(key: bytes, delivery_id: DeliveryId, text: str) -> str:
    """Return the keyed digest under which a label is kept and compared, in hexadecimal."""
    message = b"\x00".join((b"label", UUID(delivery_id).bytes, label_text(text).encode()))
    return hmac.new(key, message, sha256).hexdigest()


def label_matches(known: str | None, scanned: str) -> bool | None:
    """Tell whether a digest is that of the parcel's label; none when nobody said what that is."""
    return None if known is None else hmac.compare_digest(known, scanned)
