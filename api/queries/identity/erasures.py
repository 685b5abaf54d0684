"""A person's own request to be erased, and the claims of what they ask about themselves."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select, true

from api.access.database import Database
from api.access.statements import claim_for, who_asks
from domain.ids import PersonId
from infra.database.schema import erasure_request
from infra.encryption.indexes import BlindIndex
from infra.erasing.blocking import blockers_of
from infra.erasing.contacts import lookups_of

_who = who_asks()
_claim = claim_for(_who.c.asker_id, _who)
CLAIM_OF_OWN = select(_who, _claim).select_from(_who.outerjoin(_claim, true()))
"""Claims the key of a request about the asking person."""

_NEWEST = select(erasure_request).order_by(erasure_request.c.erasure_id.desc()).limit(1)


async def newest_erasure(
    database: Database, index: BlindIndex, person_id: PersonId
) -> dict[str, Any] | None:
    """Return a person's last request to be erased, with what is open now; none without one."""
    newest = _NEWEST.where(erasure_request.c.person_id == person_id)
    row = await database.first(newest, {})
    if row is None:
        return None
    async with database.connection() as connection:
        lookups = await lookups_of(connection, index, person_id)
        blockers = await blockers_of(connection, person_id, lookups)
    shown = {name: row[name] for name in ("erasure_id", "status", "requested_at", "due_at")}
    waits_for = [{"kind": each.kind, "subject_id": each.subject_id} for each in blockers]
    return {**shown, "waits_for": waits_for}
