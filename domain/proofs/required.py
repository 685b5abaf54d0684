"""Says which proofs a leg needs, and which of them are missing."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from domain.contracts import CodePurpose
from domain.handover.levels import ProofLevel
from domain.proofs.kinds import ProofKind
from domain.proofs.policy import NO_TERMS, RULES, LegOutcome, ProofTerms

_LABELLED = frozenset({CodePurpose.PICKUP, CodePurpose.HANDOVER})
"""Legs at which the parcel's own label is compared: that it is the one, and that it still is."""


def required_proofs(
    level: ProofLevel,
    leg: CodePurpose,
    outcome: LegOutcome = LegOutcome.DONE,
    reason: str | None = None,
    terms: ProofTerms = NO_TERMS,
) -> tuple[ProofKind, ...]:
    """Return what has to be proven besides the code, in the order in which people do it.

    `reason` is that of a failed handover, or where a parcel was left.
    """
    found = {
        kind
        for rule in RULES
        if rule.level.rank <= level.rank and (rule.leg, rule.outcome) == (leg, outcome)
        if not rule.reasons or reason in rule.reasons
        for kind in rule.kinds
    } | _wanted(terms, leg, outcome)
    return tuple(kind for kind in ProofKind if kind in found)


def missing_proofs(
    required: Sequence[ProofKind], present: Collection[ProofKind]
) -> tuple[ProofKind, ...]:
    """Return the required proofs that are not there."""
    return tuple(kind for kind in required if kind not in present)


def _wanted(terms: ProofTerms, leg: CodePurpose, outcome: LegOutcome) -> set[ProofKind]:
    is_received = leg is CodePurpose.HANDOVER and outcome is LegOutcome.DONE
    asked = {
        ProofKind.ID_CHECK: is_received and terms.minimum_age is not None,
        ProofKind.SIGNATURE: is_received and terms.signature,
        ProofKind.SAFE_PLACE_PHOTO: outcome is LegOutcome.LEFT and terms.safe_place_photo,
        ProofKind.LABEL_BARCODE: leg in _LABELLED
        and outcome is LegOutcome.DONE
        and terms.has_label,
    }
    return {kind for kind, is_asked in asked.items() if is_asked}
