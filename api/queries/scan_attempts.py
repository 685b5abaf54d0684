"""Every scan that somebody tried: kept before the delivery is asked, and read by staff."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Text, Uuid, and_, bindparam, exists, select, text

from api.access.database import Database, Row
from domain.errors import RefusalCode
from domain.handover.levels import ProofLevel
from domain.status import DeliveryStatus
from infra.database.schema import delivery, handover_code, scan_attempt
from infra.risk.desk import KEEP_DECISION, Weighed

_KEEP_ATTEMPT = """
INSERT INTO scan_attempt AS kept (
    attempt_id, delivery_id, purpose, person_id, source, level, method, outcome, refusal, device_id,
    distance_m, accuracy_m, is_mocked, attempted_at, decided_at
) VALUES (
    CAST(:attempt_id AS uuid), CAST(:delivery_id AS uuid), :purpose, CAST(:person_id AS uuid), :source,
    :level, :method, :outcome, :refusal, CAST(:device_id AS uuid), :distance_m, :accuracy_m, :is_mocked,
    :attempted_at, CASE WHEN CAST(:outcome AS text) = 'refused' THEN now() END
)
ON CONFLICT (attempt_id) DO UPDATE SET outcome = excluded.outcome, refusal = excluded.refusal,
    decided_at = excluded.decided_at
WHERE kept.outcome <> 'accepted'
"""
"""A try of the same request that came before is the same attempt."""
_KEEP = text(_KEEP_ATTEMPT)
_KEEP_WITH_DECISION = text(f"WITH decided AS ({KEEP_DECISION}) {_KEEP_ATTEMPT}")
_kept = scan_attempt.c
_IS_USED = select(handover_code.c.purpose).where(
    exists().where(
        delivery.c.delivery_id == handover_code.c.delivery_id,
        delivery.c.status != DeliveryStatus.CAPTURING,
    ),
    handover_code.c.delivery_id == bindparam("delivery_id", type_=Uuid(as_uuid=False)),
    handover_code.c.purpose == bindparam("purpose", type_=Text),
    handover_code.c.used_at.is_not(None),
)
_LIST = (
    select(scan_attempt)
    .where(
        and_(
            _kept.delivery_id == bindparam("delivery_id", type_=Uuid(as_uuid=False)),
            _kept.attempt_id < bindparam("before", type_=Uuid(as_uuid=False)),
        )
    )
    .order_by(_kept.attempt_id.desc())
    .limit(bindparam("count", type_=Integer))
)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One scan, as far as it was looked at."""

    attempt_id: str
    """Id of what the request makes, the same on every try."""
    delivery_id: str
    purpose: str
    person_id: str
    level: ProofLevel
    attempted_at: datetime
    """When it came, in UTC: its code is judged as of then."""
    method: str = ""
    """How the code proves itself; empty when nothing could be read."""
    device_id: str | None = None
    """The device that was named, if it counts for the person."""
    distance_m: int | None = None
    """From where the parcel is agreed to change hands."""
    accuracy_m: float | None = None
    is_mocked: bool = False
    source: str = "online"
    """`offline` for one that a phone kept and brought in later; it came when it was brought."""


async def keep_attempt(
    database: Database,
    attempt: Attempt,
    refusal: RefusalCode | None = None,
    *,
    weighed: Weighed | None = None,
) -> None:
    """Keep an attempt: as refused, or as one that the delivery is asked about, with what let it pass.

    Idempotency: an attempt that was accepted stays so, whatever became of its answer.
    """
    values: dict[str, Any] = {name: getattr(attempt, name) for name in Attempt.__slots__}
    await database.run(
        _KEEP if weighed is None else _KEEP_WITH_DECISION,
        {
            **({} if weighed is None else weighed.values()),
            **values,
            "level": str(attempt.level),
            "outcome": "pending" if refusal is None else "refused",
            "refusal": "" if refusal is None else str(refusal),
        },
    )


async def is_used_up(database: Database, delivery_id: str, purpose: str) -> bool:
    """Tell whether the code of a handover was used, and waits for nothing any more."""
    values = {"delivery_id": delivery_id, "purpose": purpose}
    return await database.first(_IS_USED, values) is not None


async def attempts_of(database: Database, delivery_id: str, before: str, count: int) -> list[Row]:
    """Return attempts at a delivery, the latest first."""
    values = {"delivery_id": delivery_id, "before": before, "count": count}
    return await database.every(_LIST, values)
