"""Keeps scans without network among all others that were tried."""

from __future__ import annotations

from api.access.database import Database
from api.agreed_places import agreed_place
from api.handover_facts import away_m, method_of, told_accuracy_m
from api.queries.scan_attempts import Attempt, keep_attempt
from domain.handover.levels import ProofLevel
from domain.offline.claims import Claim
from infra.offline.evidence import Found
from infra.offline.keeping import KeptClaim, SentClaim


async def keep_offline_attempt(
    database: Database, kept: KeptClaim, sent: SentClaim, claim: Claim, found: Found
) -> None:
    """Keep that a claim is judged now; what becomes of it is written where its state is.

    It counts as of when it came in: when it was scanned, only the phone says. The id is the claim's.
    """
    fix = claim.fix
    attempt = Attempt(
        attempt_id=kept.claim_id,
        delivery_id=kept.delivery_id,
        purpose=str(claim.purpose),
        person_id=kept.person_id,
        level=ProofLevel(found["proof_level"]),
        attempted_at=kept.received_at,
        method=method_of(claim.code),
        device_id=sent.device_id if sent.is_signed else None,
        distance_m=away_m(fix, agreed_place(found, claim.purpose)),
        accuracy_m=told_accuracy_m(fix),
        is_mocked=fix is not None and fix.is_mock,
        source="offline",
    )
    await keep_attempt(database, attempt)
