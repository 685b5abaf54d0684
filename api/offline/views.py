"""Shapes claims as they are answered."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from api.access.database import Database
from api.agreed_places import agreed_place
from api.handover_facts import away_m, told_accuracy_m
from api.models.offline import ClaimEvidence, ClaimPosition, ClaimView
from api.queries.offline import MADE, opened_claim, others_of, read_kept
from api.views import clock_view
from domain.contracts import CodePurpose
from domain.deadlines import DeadlineKind
from domain.handover.places import Fix
from domain.offline.states import ClaimState
from domain.pricing import Place


def claim_view(row: Mapping[str, Any], evidence: ClaimEvidence | None = None) -> ClaimView:
    """Return the claim in a row."""
    made = {name.removeprefix(MADE): value for name, value in row.items() if name.startswith(MADE)}
    is_open = made["state"] == ClaimState.IN_REVIEW
    return ClaimView(
        claim_id=made["claim_id"],
        delivery_id=made["delivery_id"],
        purpose=None if made["purpose"] is None else CodePurpose(made["purpose"]),
        counter=made["counter"],
        state=ClaimState(made["state"]),
        reasons=made["reasons"],
        device_id=made["device_id"],
        claimed_at=made["claimed_at"],
        sent_at=made["sent_at"],
        received_at=made["received_at"],
        deadline=clock_view(DeadlineKind.CLAIM_REVIEW, made["review_by"]) if is_open else None,
        decided_at=made["decided_at"],
        evidence=evidence,
    )


async def evidence_view(database: Database, row: Mapping[str, Any]) -> ClaimEvidence:
    """Return what staff weigh about the claim in a row."""
    said, reason = await opened_claim(database, row)
    claim = read_kept(said)
    fix = None if claim is None else claim.fix
    place = None if claim is None else agreed_place(row, claim.purpose)
    return ClaimEvidence(
        person_id=row[f"{MADE}person_id"],
        manifest_id=row[f"{MADE}manifest_id"],
        position=None if fix is None else _position(fix, place),
        others=list(await others_of(database, row)),
        agreed_by=row[f"{MADE}agreed_by"],
        decided_by=row[f"{MADE}decided_by"],
        decision_reason=reason,
    )


def _position(fix: Fix, place: Place | None) -> ClaimPosition:
    return ClaimPosition(
        latitude=fix.place.latitude,
        longitude=fix.place.longitude,
        accuracy_m=told_accuracy_m(fix),
        taken_at=fix.taken_at,
        is_mock=fix.is_mock,
        away_m=away_m(fix, place),
    )
