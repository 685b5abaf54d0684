"""Keeps calls for help: each with where the caller is, encrypted, and an item on the staff's list."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.attention import AttentionItem, AttentionKind
from domain.ids import DeliveryId, PersonId
from domain.sos import SosPolicy
from infra.database.attention import raise_in
from infra.encryption.fields import OwnedKey, Place
from infra.encryption.keys import KeyDestroyed
from infra.encryption.owned import KeyOwner, OwnedKeys

_TABLE = "sos_call"
# Two calls of the same person at once are one call: the second waits for the first.
_ALONE = text("SELECT pg_advisory_xact_lock(hashtextextended(:subject, 0))")
_OPEN = text("""
SELECT CAST(sos_id AS text) FROM sos_call
JOIN attention_item ON attention_item.key = 'sos:' || sos_id AND settled_at IS NULL
WHERE sos_call.delivery_id = :delivery_id AND person_id = :person_id
ORDER BY sos_id DESC LIMIT 1
""")
_KEEP = text("""
INSERT INTO sos_call (sos_id, delivery_id, person_id, role, note, place, called_at, last_called_at)
VALUES (:sos_id, :delivery_id, :person_id, :role, :note, :place, now(), now())
ON CONFLICT (sos_id) DO UPDATE SET
    note = coalesce(excluded.note, sos_call.note), place = coalesce(excluded.place, sos_call.place),
    calls = sos_call.calls + 1, last_called_at = now()
RETURNING calls, called_at, last_called_at, (
    SELECT count(*) FROM sos_call AS earlier
    WHERE earlier.delivery_id = :delivery_id AND earlier.person_id = :person_id
        AND earlier.sos_id <> :sos_id
        AND earlier.called_at > now() - make_interval(secs => :window_s)
) AS earlier
""")
_LIST = text("""
SELECT CAST(sos_id AS text) AS sos_id, CAST(person_id AS text) AS person_id, role, note, place, calls,
    called_at, last_called_at, settled_at, settlement
FROM sos_call JOIN attention_item ON attention_item.key = 'sos:' || sos_id
WHERE sos_call.delivery_id = :delivery_id
ORDER BY sos_id DESC LIMIT :count
""")
CALLS_SHOWN_MAX = 50


@dataclass(frozen=True, slots=True)
class CallPlace:
    """Where the phone of somebody who calls for help was."""

    latitude: float
    longitude: float
    accuracy_m: float
    """Radius of 68 % confidence in metres."""
    taken_at: datetime
    """When the phone took it, in UTC."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call for help."""

    sos_id: str
    """Id for it, unless the caller has one that is open."""
    delivery_id: DeliveryId
    person_id: PersonId
    role: str
    note: str = ""
    place: CallPlace | None = None


@dataclass(frozen=True, slots=True)
class NotedCall:
    """A call that is on record."""

    sos_id: str
    """The open call that it belongs to."""
    calls: int
    """How often the caller has called since it was opened."""
    called_at: datetime
    last_called_at: datetime
    may_hold: bool
    """Whether it may put the delivery on hold: staff have not been called too often."""


@dataclass(frozen=True, slots=True)
class KeptCall:
    """A call as staff read it."""

    sos_id: str
    person_id: str
    role: str
    note: str
    """Empty when nothing was said, or when the caller was erased."""
    place: CallPlace | None
    calls: int
    called_at: datetime
    last_called_at: datetime
    closed_at: datetime | None
    finding: str
    """What staff have found out."""


class DatabaseCalls:
    """Calls for help in PostgreSQL; what a caller says is encrypted with the caller's key."""

    def __init__(
        self, engine: AsyncEngine, keys: OwnedKeys, policy: SosPolicy | None = None
    ) -> None:
        self._engine, self._keys, self._policy = engine, keys, policy or SosPolicy()

    async def note(self, call: Call) -> NotedCall:
        """Keep a call and tell staff, in one transaction; a repeated one moves the position on.

        Idempotency: the same id counts once more and is the same call.
        """
        place = {"delivery_id": call.delivery_id, "person_id": call.person_id}
        async with self._engine.begin() as connection:
            subject = f"sos:{call.delivery_id}:{call.person_id}"
            await connection.execute(_ALONE, {"subject": subject})
            known: str | None = await connection.scalar(_OPEN, place)
            kept = replace(call, sos_id=known or call.sos_id)
            key = await self._keys.made_for(connection, KeyOwner.person(call.person_id))
            values = {**place, **_sealed(key, kept), "window_s": self._policy.window_s}
            row = (await connection.execute(_KEEP, values)).one()
            await raise_in(connection, _item(kept, row.calls))
        may_hold = row.earlier < self._policy.holds_max
        return NotedCall(kept.sos_id, row.calls, row.called_at, row.last_called_at, may_hold)

    async def of_delivery(self, delivery_id: DeliveryId) -> list[KeptCall]:
        """Return the calls about a delivery, the newest first; what an erased person said is gone."""
        values = {"delivery_id": delivery_id, "count": CALLS_SHOWN_MAX}
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_LIST, values)).mappings().all()
            return [await self._opened(connection, dict(row)) for row in rows]

    async def _opened(self, connection: AsyncConnection, row: Mapping[str, Any]) -> KeptCall:
        try:
            key = await self._keys.of(connection, KeyOwner.person(row["person_id"]))
        except KeyDestroyed:
            note = place = None
        else:
            note = key.open_maybe(_place(row["sos_id"], "note"), row["note"])
            place = key.open_maybe(_place(row["sos_id"], "place"), row["place"])
        return KeptCall(
            sos_id=row["sos_id"],
            person_id=row["person_id"],
            role=row["role"],
            note=note or "",
            place=None if place is None else _read(place),
            calls=row["calls"],
            called_at=row["called_at"],
            last_called_at=row["last_called_at"],
            closed_at=row["settled_at"],
            finding=row["settlement"] or "",
        )


def _sealed(key: OwnedKey, call: Call) -> dict[str, Any]:
    place = call.place
    written = None
    if place is not None:
        moment = place.taken_at.isoformat()
        written = json.dumps([place.latitude, place.longitude, place.accuracy_m, moment])
    return {
        "sos_id": call.sos_id,
        "role": call.role,
        "note": key.seal_maybe(_place(call.sos_id, "note"), call.note or None),
        "place": key.seal_maybe(_place(call.sos_id, "place"), written),
    }


def _read(place: str) -> CallPlace:
    latitude, longitude, accuracy_m, taken_at = json.loads(place)
    return CallPlace(latitude, longitude, accuracy_m, datetime.fromisoformat(taken_at))


def _place(sos_id: str, column: str) -> Place:
    return Place(_TABLE, column, sos_id)


def _item(call: Call, calls: int) -> AttentionItem:
    times = "once" if calls == 1 else f"{calls} times"
    return AttentionItem(
        key=f"{AttentionKind.SOS}:{call.sos_id}",
        kind=AttentionKind.SOS,
        subject=f"call {call.sos_id}",
        problem=f"The {call.role} of the delivery has called for help, {times} so far.",
        delivery_id=call.delivery_id,
    )
