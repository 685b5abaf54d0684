"""What decides the cost of a cancellation, read in one round trip."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from api.access.database import Database
from api.access.rows import Sight
from api.access.sights import found_by, sight_in
from api.access.statements import known_delivery, seen, who_asks
from domain.cancellation import CancellationTerms, pickup_end, reported_absent
from domain.contracts import Standing
from domain.holds.rules import CLOCKS_OF_HOLDS, StoppedClock, thawed
from domain.status import EscrowStatus
from domain.transitions import EventKind
from infra.database.schema import delivery, event, parcel
from infra.kept_policies import POLICIES

_who = who_asks()
_accepted_at = (
    select(func.max(event.c.at))
    .where(
        event.c.delivery_id == delivery.c.delivery_id,
        event.c.kind == str(EventKind.OFFER_ACCEPTED),
    )
    .correlate(delivery)
    .scalar_subquery()
)
_OF_HOLDS = sorted(map(str, CLOCKS_OF_HOLDS))
_standing = cast(event.c.body, JSONB)["standing"]
_stood = _standing["deadline_kind"].as_string()
_ticking = (
    select(event.c.sequence, event.c.body)
    .where(
        event.c.delivery_id == delivery.c.delivery_id,
        # What came late, as a correction, says nothing about where the delivery stands.
        _standing["status"].as_string().is_not(None),
        or_(_stood.is_(None), _stood.not_in(_OF_HOLDS)),
    )
    .order_by(event.c.sequence.desc())
    .limit(1)
    .correlate(delivery)
)
"""The last event before a hold stopped the clock, with the clock that ran; the last one without."""
_stopped_clock = _ticking.with_only_columns(_standing).scalar_subquery()
_stopped_at = (
    select(func.min(event.c.at))
    .where(
        event.c.delivery_id == delivery.c.delivery_id,
        _stood.in_(_OF_HOLDS),
        event.c.sequence > _ticking.with_only_columns(event.c.sequence).scalar_subquery(),
    )
    .correlate(delivery)
    .scalar_subquery()
)
_TERMS = seen(
    _who,
    known_delivery(_who)
    .add_columns(
        parcel.c.policies,
        _accepted_at.label("accepted_at"),
        _stopped_clock.label("stopped_clock"),
        _stopped_at.label("stopped_at"),
    )
    .cte("target"),
)


async def terms_by(
    database: Database, token_hash: bytes, delivery_id: str
) -> tuple[Sight, CancellationTerms]:
    """Return a delivery, for one who may know that it exists, and what its cancellation hangs on.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    asked = {"token_hash": token_hash, "delivery_id": delivery_id}
    row = await found_by(database, _TERMS, asked)
    sight = sight_in(row)
    standing, is_stopped = _ticking_on(sight.delivery.standing, row)
    terms = CancellationTerms(
        policy=POLICIES.validate_python(row["policies"]).cancellation,
        price=standing.price,
        escrow=EscrowStatus(standing.escrow),
        accepted_at=row["accepted_at"],
        pickup_at=pickup_end(standing.deadline_kind, standing.deadline_at),
        absent=reported_absent(standing.deadline_kind),
        is_stopped=is_stopped,
    )
    return sight, terms


def _ticking_on(standing: Standing, row: dict[str, Any]) -> tuple[Standing, bool]:
    """Return where the delivery would stand if a hold ended now, and whether one is in force."""
    stopped, since = row["stopped_clock"], row["stopped_at"]
    if standing.deadline_kind not in CLOCKS_OF_HOLDS or stopped is None or since is None:
        return standing, False
    due_at = stopped["deadline_at"]
    clock = StoppedClock(
        stopped["deadline_kind"], datetime.fromisoformat(due_at) if due_at else None, since
    )
    return thawed(standing, clock, datetime.now(UTC)), True
