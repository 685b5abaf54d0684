"""Makes the manifest that a traveler's phone takes along."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import text

from api.agreed_places import agreed_place
from api.edge.problems import Problem
from api.services import Services
from domain.contracts import CodePurpose
from domain.errors import RefusalCode
from domain.handover.codes import derive_code
from domain.handover.levels import ProofLevel
from domain.ids import DeliveryId, DeviceId, PersonId
from domain.offline.manifest import (
    NO_CLAIM,
    SALT_BYTES,
    CheckValue,
    HolderKey,
    Manifest,
    ManifestLeg,
    life_ends,
)
from domain.offline.policy import OFFLINE
from infra.kept_policies import proof_policy_in
from infra.offline.signing import SignedManifest

_LEGS = text("""
SELECT code.purpose, code.nonce, code.valid_until, parcel.proof_level,
    parcel.policies #> '{proof}' AS proof_policy, parcel.pickup_latitude, parcel.pickup_longitude,
    parcel.destination_latitude, parcel.destination_longitude,
    CAST(holder.device_id AS text) AS holder_device_id, holder.algorithm, holder.public_key
FROM parcel JOIN handover_code AS code USING (delivery_id)
LEFT JOIN code_holding AS held ON held.delivery_id = code.delivery_id
    AND held.purpose = code.purpose AND held.issued_at = code.issued_at
LEFT JOIN device AS holder ON holder.device_id = held.device_id AND holder.revoked_at IS NULL
WHERE parcel.delivery_id = CAST(:delivery_id AS uuid) AND code.used_at IS NULL AND code.valid_until > now()
    AND code.purpose IN ('pickup', 'handover', 'return')
ORDER BY code.purpose
""")
_LAST = text("""
SELECT counter, sha256 FROM custody_claim
WHERE device_id = CAST(:device_id AS uuid) AND is_chained ORDER BY counter DESC LIMIT 1
""")
_KEEP = text("""
INSERT INTO offline_manifest (
    manifest_id, delivery_id, person_id, device_id, level, sha256, issued_at, valid_until
) VALUES (
    :manifest_id, :delivery_id, :person_id, :device_id, :level, :sha256, :issued_at, :valid_until
)
ON CONFLICT (manifest_id) DO UPDATE SET sha256 = excluded.sha256,
    issued_at = excluded.issued_at, valid_until = excluded.valid_until
""")


async def issue_manifest(
    parts: Services,
    manifest_id: str,
    delivery_id: DeliveryId,
    person_id: PersonId,
    device_id: DeviceId,
) -> SignedManifest:
    """Issue a manifest for the codes that can be scanned now, and remember it.

    Raises:
        Problem: `code_not_ready`, while there is none.
    Idempotency: one that is issued again under the same id replaces one that nobody was given.
    """
    async with parts.engine.begin() as connection:
        place = {"delivery_id": delivery_id}
        rows = [row._asdict() for row in await connection.execute(_LEGS, place)]
        if not rows:
            raise Problem(
                RefusalCode.CODE_NOT_READY,
                "There is no code to scan yet, or it was scanned already.",
            )
        last = (await connection.execute(_LAST, {"device_id": device_id})).one_or_none()
        level, now = ProofLevel(rows[0]["proof_level"]), datetime.now(UTC)
        manifest = Manifest(
            manifest_id,
            delivery_id,
            device_id,
            level,
            proof_policy_in(rows[0]["proof_policy"]).radius_m,
            tuple(_leg(parts.handover_key, delivery_id, level, row) for row in rows),
            first_counter=1 if last is None else last.counter + 1,
            previous_hash=NO_CLAIM if last is None else last.sha256,
            issued_at=now,
            valid_until=life_ends(OFFLINE, now),
        )
        await connection.execute(_KEEP, _kept(manifest, person_id))
    return parts.manifests.sign(manifest)


def _leg(
    key: bytes, delivery_id: DeliveryId, level: ProofLevel, row: Mapping[str, Any]
) -> ManifestLeg:
    purpose = CodePurpose(row["purpose"])
    check = holder = None
    if level is ProofLevel.STANDARD:
        code = derive_code(key, delivery_id, purpose, row["nonce"]).text
        check = CheckValue.of(secrets.token_bytes(SALT_BYTES), code)
    elif level is ProofLevel.MAXIMUM and row["public_key"] is not None:
        device_id = DeviceId(row["holder_device_id"])
        holder = HolderKey(device_id, row["algorithm"], bytes(row["public_key"]))
    place = agreed_place(row, purpose)
    assert place is not None, "no leg of a manifest is a relay"
    return ManifestLeg(purpose, place, row["valid_until"], check, holder)


def _kept(manifest: Manifest, person_id: PersonId) -> dict[str, Any]:
    return {
        "manifest_id": manifest.manifest_id,
        "delivery_id": manifest.delivery_id,
        "person_id": person_id,
        "device_id": manifest.device_id,
        "level": manifest.level.value,
        "sha256": manifest.hash,
        "issued_at": manifest.issued_at,
        "valid_until": manifest.valid_until,
    }
