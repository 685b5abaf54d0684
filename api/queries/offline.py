"""Claims and reads what is about scans without network: manifests, claims and what is decided of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    CTE,
    Integer,
    Select,
    Text,
    Uuid,
    bindparam,
    exists,
    or_,
    select,
    text,
    true,
)

from api.access.asking import note_asker
from api.access.database import Database, Row
from api.access.devices import asked_device
from api.access.rows import Sight
from api.access.sights import found_by, sight_in
from api.access.statements import (
    DELIVERY_ID,
    claim_on,
    delivery_columns,
    is_staff,
    known_delivery,
    seen,
    who_asks,
)
from api.edge.problems import unauthenticated
from domain.ids import DeliveryId, PersonId
from domain.offline.claims import Claim, read_claim
from domain.offline.policy import OFFLINE
from domain.offline.states import ClaimState
from infra.database.schema import custody_claim, delivery, offline_manifest, parcel
from infra.encryption.fields import OwnedKey
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import KeyOwner
from infra.offline.keeping import KeptClaim, claim_place, note_place

MADE = "made_"
"""Start of the names of a claim's columns: those of a delivery have names of their own."""
_CLAIM_ID = bindparam("custody_claim_id", type_=Uuid(as_uuid=False))
_STATE = bindparam("state", type_=Text)
_OF_DELIVERY = bindparam("of_delivery_id", type_=Uuid(as_uuid=False))
_made = custody_claim.c


def _on_manifest() -> Select[Any]:
    who = who_asks()
    target = known_delivery(who).cte("target")
    return seen(who, target, claim_on(who, target), asked_device(who))


def _on_sending() -> Select[Any]:
    who = who_asks()
    has_manifest = exists().where(
        offline_manifest.c.delivery_id == delivery.c.delivery_id,
        offline_manifest.c.person_id == who.c.asker_id,
    )
    target = (
        select(*delivery_columns(who))
        .select_from(
            who.join(delivery, true()).join(parcel, parcel.c.delivery_id == delivery.c.delivery_id)
        )
        .where(
            delivery.c.delivery_id == DELIVERY_ID,
            or_(delivery.c.traveler_id == who.c.asker_id, has_manifest),
        )
        .cte("target")
    )
    return seen(who, target, claim_on(who, target))


def _known_claim(who: CTE) -> Select[Any]:
    return (
        select(*delivery_columns(who), *(column.label(f"{MADE}{column.name}") for column in _made))
        .select_from(
            who.join(custody_claim, true())
            .join(delivery, delivery.c.delivery_id == _made.delivery_id)
            .join(parcel, parcel.c.delivery_id == delivery.c.delivery_id)
        )
        .where(_made.claim_id == _CLAIM_ID, or_(_made.person_id == who.c.asker_id, is_staff(who)))
    )


def _on_claim() -> Select[Any]:
    who = who_asks()
    target = _known_claim(who).where(is_staff(who)).cte("target")
    return seen(who, target, claim_on(who, target))


def _one() -> Select[Any]:
    who = who_asks()
    return seen(who, _known_claim(who).cte("target"))


def _listed() -> Select[Any]:
    who = who_asks()
    page = (
        select(*(column.label(f"{MADE}{column.name}") for column in _made))
        .select_from(who.join(custody_claim, true()))
        .where(
            or_(_made.person_id == who.c.asker_id, is_staff(who)),
            or_(_STATE.is_(None), _made.state == _STATE),
            or_(_OF_DELIVERY.is_(None), _made.delivery_id == _OF_DELIVERY),
            _made.claim_id < bindparam("before_id", type_=Uuid(as_uuid=False)),
        )
        .order_by(_made.claim_id.desc())
        .limit(bindparam("count", type_=Integer))
        .subquery("page")
    )
    joined = who.outerjoin(page, true())
    return select(who, page).select_from(joined).order_by(page.c[f"{MADE}claim_id"].desc())


CLAIM_ON_MANIFEST = _on_manifest()
"""Claims that a manifest is asked for, with the device that signs the request."""
CLAIM_ON_SENDING = _on_sending()
"""Claims that claims are sent; also by whoever was the traveler when they took a manifest along."""
CLAIM_ON_CLAIM = _on_claim()
"""Claims what an agent decides about a claim."""
_ONE = _one()
_LIST = _listed()
_OTHERS = text("""
SELECT CAST(claim_id AS text) FROM custody_claim
WHERE delivery_id = CAST(:delivery_id AS uuid) AND purpose = :purpose
    AND claim_id <> CAST(:claim_id AS uuid)
ORDER BY claim_id DESC LIMIT 20
""")
_CLOCKS = text("""
SELECT review_by FROM custody_claim
WHERE delivery_id = CAST(:delivery_id AS uuid) AND state = 'in_review' ORDER BY review_by
""")


@dataclass(frozen=True, slots=True)
class ClaimFilter:
    """Which claims are asked for."""

    state: ClaimState | None
    delivery_id: str | None


async def claims_page(
    database: Database, token_hash: bytes, wanted: ClaimFilter, before_id: str, count: int
) -> list[Row]:
    """Return the claims that somebody may know, the newest first: staff all, others their own.

    Raises:
        Problem: `unauthenticated`.
    """
    values = {
        "token_hash": token_hash,
        "state": None if wanted.state is None else wanted.state.value,
        "of_delivery_id": wanted.delivery_id,
        "before_id": before_id,
        "count": count,
    }
    rows = await database.every(_LIST, values)
    if not rows:
        raise unauthenticated()
    note_asker(rows[0])
    return [row for row in rows if row[f"{MADE}claim_id"] is not None]


async def known_claim(database: Database, token_hash: bytes, claim_id: str) -> tuple[Sight, Row]:
    """Return a claim with its delivery, for whoever made it and for staff.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    row = await found_by(database, _ONE, {"token_hash": token_hash, "custody_claim_id": claim_id})
    return sight_in(row), row


async def opened_claim(database: Database, row: Mapping[str, Any]) -> tuple[str, str | None]:
    """Return the text of a claim and why it was decided, empty once its traveler was erased."""
    claim_id, sealed, note = (
        row[f"{MADE}{name}"] for name in ("claim_id", "claim", "decision_note")
    )
    key = await _key(database, row[f"{MADE}person_id"])
    if key is None or not sealed:
        return "", None
    reason = key.open(note_place(claim_id), note) if note else None
    return key.open(claim_place(claim_id), sealed), reason


async def others_of(database: Database, row: Mapping[str, Any]) -> Sequence[str]:
    """Return the other claims of the same handover, the newest first."""
    values = {name: row[f"{MADE}{name}"] for name in ("delivery_id", "purpose", "claim_id")}
    async with database.connection() as connection:
        return list(await connection.scalars(_OTHERS, values))


async def review_clocks(database: Database, delivery_id: str) -> list[Any]:
    """Return by when agents must look at the claims about a delivery."""
    async with database.connection() as connection:
        return list(await connection.scalars(_CLOCKS, {"delivery_id": delivery_id}))


def kept_in(row: Mapping[str, Any]) -> KeptClaim:
    """Return the claim in a row."""
    return KeptClaim(
        row[f"{MADE}claim_id"],
        DeliveryId(row[f"{MADE}delivery_id"]),
        PersonId(row[f"{MADE}person_id"]),
        row[f"{MADE}counter"],
        ClaimState(row[f"{MADE}state"]),
        tuple(row[f"{MADE}reasons"]),
        row[f"{MADE}received_at"],
        row[f"{MADE}hold_sequence"],
        row[f"{MADE}updated_at"],
    )


def read_kept(said: str) -> Claim | None:
    """Return what a kept text claims, or none."""
    return read_claim(OFFLINE, said)


async def _key(database: Database, person_id: str) -> OwnedKey | None:
    try:
        async with database.connection() as connection:
            return await database.keys.of(connection, KeyOwner.person(person_id))
    except KeyDestroyed:
        return None
