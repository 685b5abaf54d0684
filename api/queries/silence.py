"""Clocks of a parcel on its way that are not the armed one: they run all the same."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import text

from api.access.database import Database
from api.access.rows import DeliveryRow
from domain.deadlines import DeadlineKind
from domain.journey.silence import SILENCE_CLOCKS, silent_at
from domain.journey.terms import SilencePolicy
from domain.status import IN_CUSTODY

_ON_THE_WAY = text("""
SELECT CAST(parcel.policies #>> '{silence,silence_s}' AS integer) AS silence_s,
    greatest(
        (SELECT max(at) FROM event WHERE event.delivery_id = parcel.delivery_id
            AND kind IN ('picked_up', 'pickup_overridden', 'arrived', 'traveler_heard')),
        (SELECT max(received_at) FROM position WHERE position.delivery_id = parcel.delivery_id)
    ) AS heard_at,
    (SELECT CAST(CAST(body AS jsonb) #>> '{standing,deadline_at}' AS timestamptz) FROM event
        WHERE event.delivery_id = parcel.delivery_id
            AND CAST(body AS jsonb) #>> '{standing,deadline_kind}' = 'handover'
        ORDER BY sequence DESC LIMIT 1) AS handover_due_at
FROM parcel WHERE parcel.delivery_id = :delivery_id
""")

Clock = tuple[str, datetime]


async def clocks_on_the_way(database: Database, row: DeliveryRow) -> list[Clock]:
    """Return when the traveler counts as silent, or when the handover is due after a silence."""
    if row.status not in IN_CUSTODY:
        return []
    found = await database.first(_ON_THE_WAY, {"delivery_id": row.delivery_id})
    if found is None:
        return []
    if row.deadline_kind in SILENCE_CLOCKS - {DeadlineKind.TRACE}:
        due_at = found["handover_due_at"]
        return [(DeadlineKind.HANDOVER, due_at)] if due_at else []
    if row.deadline_kind != DeadlineKind.HANDOVER or found["heard_at"] is None:
        return []
    policy = SilencePolicy(silence_s=found["silence_s"] or 0)
    at = silent_at(policy, found["heard_at"])
    return [(DeadlineKind.SILENCE, at)] if at and row.deadline_at and at < row.deadline_at else []
