"""Since when a delivery is on hold for a call for help: what shows it to parties as any other hold."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Label, case, func, select

from domain.deadlines import DeadlineKind
from domain.transitions import EventKind
from infra.database.schema import delivery, event

_PLACING = [str(EventKind.HOLD_PLACED), str(EventKind.SOS_CALLED)]
_of_delivery = event.c.delivery_id == delivery.c.delivery_id
_lifted = (
    select(func.max(event.c.sequence))
    .where(_of_delivery, event.c.kind == str(EventKind.HOLD_LIFTED))
    .correlate(delivery)
    .scalar_subquery()
)
_since = (
    select(func.min(event.c.at))
    .where(_of_delivery, event.c.kind.in_(_PLACING), event.c.sequence > func.coalesce(_lifted, 0))
    .correlate(delivery)
    .scalar_subquery()
)


def held_since() -> Label[Any]:
    """Return the column `held_since`, which is looked up for calls alone; none for every other hold."""
    is_called = delivery.c.deadline_kind == str(DeadlineKind.SOS)
    return case((is_called, _since)).label("held_since")
