"""Keeps every claim that ever comes in, each once, and gives it its place in the chain of its device."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import DeliveryId, PersonId
from domain.offline.claims import Claim, hash_of
from domain.offline.states import ClaimState
from infra.encryption.fields import Place
from infra.encryption.owned import KeyOwner, OwnedKeys
from infra.identifiers import new_id

_TABLE = "custody_claim"
_KNOWN = text("""
SELECT CAST(claim_id AS text) AS claim_id, CAST(person_id AS text) AS person_id,
    CAST(delivery_id AS text) AS delivery_id, counter, state, reasons, received_at, hold_sequence,
    updated_at
FROM custody_claim
WHERE person_id = CAST(:person_id AS uuid) AND device_id = CAST(:device_id AS uuid)
    AND sha256 = :sha256 AND (signature = :signature OR (is_chained AND :is_signed))
ORDER BY is_chained DESC LIMIT 1
""")
_KEEP = text("""
INSERT INTO custody_claim (
    claim_id, delivery_id, person_id, device_id, manifest_id, purpose, counter, is_chained, claim,
    sha256, previous_sha256, signature, claimed_at, sent_at
) VALUES (
    :claim_id, :delivery_id, :person_id, :device_id, :manifest_id, :purpose, :counter, :is_chained,
    :claim, :sha256, :previous_sha256, :signature, :claimed_at, :sent_at
)
ON CONFLICT DO NOTHING
""")


@dataclass(frozen=True, slots=True)
class SentClaim:
    """A claim as a traveler sent it."""

    delivery_id: DeliveryId
    person_id: PersonId
    device_id: str
    """As the sender names it."""
    text: str
    signature: bytes
    sent_at: datetime
    """What the clock of the device showed."""
    claim: Claim | None
    """What it says; none for what cannot be read."""
    is_signed: bool
    """Whether the device signed it: others take no place in its chain."""


@dataclass(frozen=True, slots=True)
class KeptClaim:
    """A claim as it is kept."""

    claim_id: str
    delivery_id: DeliveryId
    person_id: PersonId
    counter: int | None
    state: ClaimState
    reasons: tuple[str, ...]
    received_at: datetime
    hold_sequence: int | None
    """The event of the hold that was placed for it."""
    updated_at: datetime
    """When it last moved: it names a try to carry it out."""


async def keep_claim(engine: AsyncEngine, keys: OwnedKeys, sent: SentClaim) -> KeptClaim:
    """Keep a claim and return it as it stands.

    Idempotency: the same text that the device has signed is the same claim, however often it comes. Of
    two with the same number, the first one has the place of it.
    """
    identity = {
        "person_id": sent.person_id,
        "device_id": sent.device_id,
        "sha256": hash_of(sent.text),
        "signature": sent.signature,
        "is_signed": sent.is_signed,
    }
    async with engine.begin() as connection:
        known = (await connection.execute(_KNOWN, identity)).one_or_none()
        if known is not None:
            return _read(known)
        key = await keys.made_for(connection, KeyOwner.person(sent.person_id))
        claim_id = new_id()
        values = {
            **identity,
            **_said(sent.claim),
            "claim_id": claim_id,
            "delivery_id": sent.delivery_id,
            "claim": key.seal(claim_place(claim_id), sent.text),
            "sent_at": sent.sent_at,
        }
        for is_chained in (sent.is_signed and sent.claim is not None, False):
            await connection.execute(_KEEP, {**values, "is_chained": is_chained})
            kept = (await connection.execute(_KNOWN, identity)).one_or_none()
            if kept is not None:
                return _read(kept)
    raise LookupError("a claim that was kept is not there")


def claim_place(claim_id: str) -> Place:
    """Return where the text of a claim lies."""
    return Place(_TABLE, "claim", claim_id)


def note_place(claim_id: str) -> Place:
    """Return where the words of whoever decided about a claim lie."""
    return Place(_TABLE, "decision_note", claim_id)


def _said(claim: Claim | None) -> dict[str, object]:
    if claim is None:
        names = ("manifest_id", "purpose", "counter", "previous_sha256", "claimed_at")
        return dict.fromkeys(names)
    return {
        "manifest_id": claim.manifest_id,
        "purpose": claim.purpose.value,
        "counter": claim.counter,
        "previous_sha256": claim.previous_hash,
        "claimed_at": claim.claimed_at,
    }


def _read(row: Row[tuple[object, ...]]) -> KeptClaim:
    return KeptClaim(
        row.claim_id,
        DeliveryId(row.delivery_id),
        PersonId(row.person_id),
        row.counter,
        ClaimState(row.state),
        tuple(row.reasons),
        row.received_at,
        row.hold_sequence,
        row.updated_at,
    )
