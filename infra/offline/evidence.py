"""Reads everything that speaks for or against a claim, in one statement."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.offline.claims import Claim, hash_of
from domain.offline.judging import Chain, Clock, Custody, KnownManifest
from infra.offline.keeping import KeptClaim, SentClaim
from infra.proofs.attempts import is_of_this_attempt

Found = Mapping[str, Any]

_EVIDENCE = text(f"""
SELECT delivery.status, CAST(delivery.traveler_id AS text) AS traveler_id,
    device.revoked_at,
    manifest.sha256 AS manifest_sha256, CAST(manifest.delivery_id AS text) AS manifest_delivery_id,
    CAST(manifest.device_id AS text) AS manifest_device_id, manifest.issued_at AS manifest_issued_at,
    manifest.valid_until AS manifest_valid_until,
    code.nonce AS code_nonce, code.used_at, CAST(code.used_by AS text) AS used_by,
    held.secret_nonce, CAST(held.device_id AS text) AS holder_device_id,
    holder.algorithm AS holder_algorithm, holder.public_key AS holder_public_key,
    holder.revoked_at AS holder_revoked_at,
    held.delivery_id IS NOT NULL AND (held.device_id IS NULL
        OR held.handed_at > CAST(:claimed_at AS timestamptz)) AS is_held_anew,
    parcel.proof_level, parcel.policies #> '{{proof}}' AS proof_policy,
    parcel.policies #> '{{risk}}' AS risk_policy, parcel.proof_terms,
    parcel.label_digest, parcel.pickup_latitude, parcel.pickup_longitude,
    parcel.destination_latitude, parcel.destination_longitude,
    ARRAY(SELECT DISTINCT item.kind FROM proof_item AS item
        WHERE item.delivery_id = delivery.delivery_id AND item.leg = :purpose AND item.counts
            AND {is_of_this_attempt("item")}
    ) AS present_proofs,
    scanner.latitude AS scanner_latitude, scanner.longitude AS scanner_longitude,
    scanner.accuracy_m AS scanner_accuracy_m, scanner.taken_at AS scanner_taken_at,
    scanner.is_mocked AS scanner_is_mocked, scanner.verified_at AS scanner_verified_at,
    shower.latitude AS shower_latitude, shower.longitude AS shower_longitude,
    shower.accuracy_m AS shower_accuracy_m, shower.taken_at AS shower_taken_at,
    shower.is_mocked AS shower_is_mocked, shower.verified_at AS shower_verified_at,
    before.sha256 AS before_sha256, after.previous_sha256 AS after_previous,
    EXISTS (SELECT FROM custody_claim AS same WHERE same.device_id = CAST(:device_id AS uuid)
        AND same.counter = :counter AND same.is_chained
        AND same.claim_id <> CAST(:claim_id AS uuid)) AS is_taken,
    EXISTS (SELECT FROM custody_claim AS rival WHERE rival.delivery_id = delivery.delivery_id
        AND rival.purpose = :purpose AND rival.device_id <> CAST(:device_id AS uuid)
        AND rival.state IN ('accepted', 'in_review')
        AND (code.issued_at IS NULL OR rival.claimed_at >= code.issued_at)) AS has_rival
FROM delivery JOIN parcel ON parcel.delivery_id = delivery.delivery_id
LEFT JOIN device ON device.device_id = CAST(:device_id AS uuid)
LEFT JOIN offline_manifest AS manifest ON manifest.manifest_id = CAST(:manifest_id AS uuid)
    AND manifest.person_id = CAST(:person_id AS uuid)
LEFT JOIN handover_code AS code ON code.delivery_id = delivery.delivery_id AND code.purpose = :purpose
LEFT JOIN code_holding AS held ON held.delivery_id = delivery.delivery_id
    AND held.purpose = code.purpose AND held.issued_at = code.issued_at
LEFT JOIN device AS holder ON holder.device_id = held.device_id
    AND (holder.revoked_at IS NULL OR holder.revoked_at > CAST(:claimed_at AS timestamptz))
LEFT JOIN presence AS scanner ON scanner.delivery_id = delivery.delivery_id
    AND scanner.purpose = :purpose AND scanner.person_id = CAST(:person_id AS uuid)
    AND scanner.device_id = CAST(:device_id AS uuid) AND scanner.verified_at >= code.issued_at
LEFT JOIN presence AS shower ON shower.delivery_id = delivery.delivery_id
    AND shower.purpose = :purpose AND shower.person_id = holder.person_id
    AND shower.device_id = holder.device_id AND shower.verified_at >= code.issued_at
LEFT JOIN custody_claim AS before ON before.device_id = CAST(:device_id AS uuid)
    AND before.counter = :counter - 1 AND before.is_chained
LEFT JOIN custody_claim AS after ON after.device_id = CAST(:device_id AS uuid)
    AND after.counter = :counter + 1 AND after.is_chained
WHERE delivery.delivery_id = CAST(:delivery_id AS uuid)
""")  # noqa: S608 -- It is made of constants only.


async def read_evidence(
    connection: AsyncConnection, kept: KeptClaim, sent: SentClaim, claim: Claim
) -> Found:
    """Return one row about a claim and its delivery."""
    values = {
        "claim_id": kept.claim_id,
        "delivery_id": kept.delivery_id,
        "person_id": kept.person_id,
        "device_id": sent.device_id,
        "manifest_id": claim.manifest_id,
        "purpose": claim.purpose.value,
        "counter": claim.counter,
        "claimed_at": claim.claimed_at,
    }
    return (await connection.execute(_EVIDENCE, values)).one()._asdict()


def manifest_in(found: Found) -> KnownManifest | None:
    """Return the manifest that a claim names, if it was issued to whoever sent the claim."""
    if found["manifest_sha256"] is None:
        return None
    return KnownManifest(
        found["manifest_sha256"],
        found["manifest_delivery_id"],
        found["manifest_device_id"],
        found["manifest_issued_at"],
        found["manifest_valid_until"],
    )


def chain_in(found: Found, text_of_claim: str) -> Chain:
    """Return the claims before and after a claim."""
    return Chain(
        hash_of(text_of_claim), found["before_sha256"], found["after_previous"], found["is_taken"]
    )


def custody_in(found: Found, person_id: str) -> Custody:
    """Return what has become of the code meanwhile, as it concerns whoever claims it."""
    return Custody(
        is_carrier=found["traveler_id"] == person_id,
        is_used=found["used_at"] is not None,
        is_own_use=found["used_by"] == person_id,
        has_rival=found["has_rival"],
    )


def clock_in(found: Found, received_at: datetime, sent_at: datetime) -> Clock:
    """Return what is known of the device's clock."""
    return Clock(received_at, sent_at, found["revoked_at"])
