"""Hands the code of a handover to one device, and frees it again."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    CTE,
    Integer,
    Select,
    Text,
    bindparam,
    cast,
    func,
    literal,
    select,
    text,
    true,
)
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database, Row
from api.access.devices import asked_device
from api.access.statements import DELIVERY_ID, claim_on, known_delivery, seen, who_asks
from api.edge.problems import Problem
from domain.auditing.entries import AuditEntry, EntryKind
from domain.contracts import Actor, CodePurpose
from domain.errors import RefusalCode
from domain.handover.policy import ProofPolicy
from domain.identity.roles import STAFF, Relation
from domain.status import DeliveryStatus
from domain.words.accounts import AccountNotice
from infra.audit.trail import append_entry
from infra.database.schema import code_holding, delivery, device, handover_code, parcel
from infra.notifications.holders import tell_holder

SECRET_NONCE_BYTES = 16

_PURPOSE = bindparam("purpose", type_=Text)


def code_of(delivery_id: Any) -> Select[Any]:
    """Return the code of a handover with what it takes to hold it."""
    held = code_holding.alias("held")
    holder = device.alias("holder")
    return (
        select(
            handover_code.c.nonce.label("code_nonce"),
            handover_code.c.valid_until.label("code_valid_until"),
            handover_code.c.used_at.label("code_used_at"),
            (handover_code.c.valid_until <= func.now()).label("code_has_expired"),
            held.c.device_id.label("held_by"),
            holder.c.person_id.label("held_by_person"),
            func.coalesce(
                cast(parcel.c.policies["proof"]["step_s"].astext, Integer),
                literal(ProofPolicy().step_s),
            ).label("step_s"),
        )
        .select_from(
            parcel.join(handover_code, handover_code.c.delivery_id == parcel.c.delivery_id)
            .outerjoin(
                held,
                (held.c.delivery_id == handover_code.c.delivery_id)
                & (held.c.purpose == handover_code.c.purpose)
                & (held.c.issued_at == handover_code.c.issued_at),
            )
            .outerjoin(holder, holder.c.device_id == held.c.device_id)
        )
        .where(parcel.c.delivery_id == delivery_id, handover_code.c.purpose == _PURPOSE)
    )


def _claim() -> Select[Any]:
    who = who_asks()
    target = known_delivery(who).cte("target")
    code = code_of(select(target.c.delivery_id).scalar_subquery()).cte("code")
    return seen(who, target, claim_on(who, target), code, asked_device(who))


CLAIM_ON_HOLDING = _claim()
"""Claims what somebody does with the code of a handover, with the device that signs it."""
_linked: CTE = code_of(DELIVERY_ID).cte("code")
_LINKED = (
    select(_linked, delivery.c.status, parcel.c.proof_level, parcel.c.recipient_id)
    .select_from(delivery.join(parcel, parcel.c.delivery_id == delivery.c.delivery_id))
    .join(_linked, true())
    .where(delivery.c.delivery_id == DELIVERY_ID)
)
_HOLD = """
WITH wanted AS (
    SELECT delivery_id, purpose, issued_at, nonce, valid_until FROM handover_code
    WHERE delivery_id = CAST(:delivery_id AS uuid) AND purpose = :purpose AND used_at IS NULL
        AND valid_until > now()
), holder AS ({holder}), held AS (
    INSERT INTO code_holding AS kept (
        delivery_id, purpose, issued_at, device_id, secret_nonce, asked_by, handed_at
    )
    SELECT delivery_id, purpose, issued_at, holder.device_id, :secret_nonce, :asked_by, now()
    FROM wanted, holder
    ON CONFLICT (delivery_id, purpose) DO UPDATE SET {kept}
    RETURNING device_id, secret_nonce, asked_by, issued_at
)
SELECT CAST(held.device_id AS text) AS device_id, held.secret_nonce, wanted.nonce AS code_nonce,
    wanted.valid_until,
    held.device_id = holder.device_id AND held.issued_at = wanted.issued_at AS is_ours,
    held.asked_by = :asked_by AS is_same_request
FROM held, wanted, holder
"""
_FREE = """((kept.issued_at <> excluded.issued_at OR kept.device_id IS NULL)
        AND excluded.asked_by <> ALL (kept.released))"""
"""Whether a code may be held anew: it was issued again, or released; never again by a request that had it
when it was released, however often others have held it since."""
_COLUMNS = ("issued_at", "device_id", "secret_nonce", "asked_by", "handed_at")
# The row of another device is locked and returned as it is now, so that of two devices at once the
# second sees the first.
_KEPT = ", ".join(
    f"{name} = CASE WHEN {_FREE} THEN excluded.{name} ELSE kept.{name} END" for name in _COLUMNS
)
_SEEN = """
UPDATE device SET last_seen_at = now() WHERE device_id = CAST(:device_id AS uuid)
    AND revoked_at IS NULL RETURNING device_id"""
_NEW_BROWSER = """
INSERT INTO device (device_id, algorithm, public_key, name)
SELECT CAST(:device_id AS uuid), :algorithm, :public_key, ''
WHERE EXISTS (SELECT FROM wanted)
ON CONFLICT (device_id) DO UPDATE SET last_seen_at = now() RETURNING device_id"""
_HOLD_BY_DEVICE = text(_HOLD.format(holder=_SEEN, kept=_KEPT))
_HOLD_BY_BROWSER = text(_HOLD.format(holder=_NEW_BROWSER, kept=_KEPT))
_RELEASE = text("""
UPDATE code_holding SET device_id = NULL, handed_at = NULL, secret_nonce = :secret_nonce,
    released = released || asked_by
WHERE delivery_id = CAST(:delivery_id AS uuid) AND purpose = :purpose AND device_id IS NOT NULL
""")


@dataclass(frozen=True, slots=True)
class Held:
    """A code that one device holds."""

    device_id: str
    code_nonce: bytes
    secret_nonce: bytes
    valid_until: datetime


async def linked_code(database: Database, delivery_id: str, purpose: CodePurpose) -> Row | None:
    """Return the code of a handover that a link names, with what it takes to hold it."""
    return await database.first(_LINKED, {"delivery_id": delivery_id, "purpose": str(purpose)})


def require_open_code(row: Mapping[str, Any]) -> bytes:
    """Return the nonce of a code that can be scanned now.

    Raises:
        Problem: `code_not_ready`, `code_already_used` or `code_expired`.
    """
    status = DeliveryStatus(row["status"])
    nonce: bytes | None = row["code_nonce"]
    if nonce is None:
        raise Problem(
            RefusalCode.CODE_NOT_READY,
            "The code appears once the step before it is done.",
            current_status=status,
        )
    if row["code_used_at"] is not None:
        raise Problem(
            RefusalCode.CODE_ALREADY_USED, "The code was scanned already.", current_status=status
        )
    if row["code_has_expired"]:
        raise Problem(RefusalCode.CODE_EXPIRED, "The code has expired.", current_status=status)
    return nonce


async def hold_code(
    database: Database, place: tuple[str, str], device_id: str, asked_by: bytes, *, once: bool
) -> Held:
    """Let a device hold the code of a handover: the first one does, and `once` by one request.

    Idempotency: the same request, known by its digest, finds what it was handed before.

    Raises:
        Problem: `code_held_elsewhere`, or `code_expired` since it was looked at.
    """
    values = _values(place, device_id, asked_by)
    return _held(await database.first(_HOLD_BY_DEVICE, values), once=once)


async def hold_linked_code(
    database: Database, place: tuple[str, str], browser: tuple[str, str, bytes], asked_by: bytes
) -> Held:
    """Let the browser that came by a link hold a code, with its id, algorithm and public key.

    Idempotency: as for `hold_code`.

    Raises:
        Problem: as for `hold_code`.
    """
    device_id, algorithm, public_key = browser
    values = _values(place, device_id, asked_by)
    named = {"algorithm": algorithm, "public_key": public_key}
    return _held(await database.first(_HOLD_BY_BROWSER, {**values, **named}), once=True)


async def release_code(
    engine: AsyncEngine, place: tuple[str, CodePurpose], holder_id: str | None, actor: Actor
) -> None:
    """Free a code from whatever device holds it: what that one shows is void at once.

    Its person is told, and the audit, which names who did it.
    """
    delivery_id, purpose = place
    is_staff = Relation(actor.role) in STAFF
    entry = AuditEntry(
        EntryKind.INTERVENED if is_staff else EntryKind.ACCESS_REVOKED,
        "delivery",
        delivery_id,
        actor_id=actor.person_id,
        actor_role=actor.role,
        facts={"what": "code_holding", "purpose": str(purpose)},
    )
    values = {"delivery_id": delivery_id, "purpose": str(purpose), "secret_nonce": _new_nonce()}
    async with engine.begin() as connection:
        freed = await connection.execute(_RELEASE, values)
        if not freed.rowcount:
            return
        if holder_id is not None:
            await tell_holder(connection, holder_id, AccountNotice.CODE_RELEASED)
        await append_entry(connection, entry)


def held_elsewhere() -> Problem:
    """Return the answer to a device that comes second."""
    return Problem(
        RefusalCode.CODE_HELD_ELSEWHERE,
        "A device holds this code already, and got what it needs once. Release it first.",
    )


def _held(row: Row | None, *, once: bool) -> Held:
    if row is None:
        raise Problem(RefusalCode.CODE_EXPIRED, "The code is not there to be held any more.")
    if not row["is_ours"] or (once and not row["is_same_request"]):
        raise held_elsewhere()
    return Held(row["device_id"], row["code_nonce"], row["secret_nonce"], row["valid_until"])


def _values(place: tuple[str, str], device_id: str, asked_by: bytes) -> dict[str, Any]:
    return {
        "delivery_id": place[0],
        "purpose": place[1],
        "device_id": device_id,
        "asked_by": asked_by,
        "secret_nonce": _new_nonce(),
    }


def _new_nonce() -> bytes:
    return secrets.token_bytes(SECRET_NONCE_BYTES)
