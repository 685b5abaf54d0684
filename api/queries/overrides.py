"""Claims what staff decide about overrides, and finds the delivery that one is about."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Text, Uuid, bindparam, literal, select, true

from api.access.database import Database
from api.access.statements import claim_on, delivery_columns, holds_any, seen, who_asks
from api.models.answers import DeadlineView
from api.models.overrides import OverrideView
from api.views import clock_view
from domain.deadlines import DeadlineKind
from domain.identity.roles import STAFF
from domain.ids import DeliveryId
from domain.overriding.rules import OverrideStatus
from infra.database.schema import delivery, delivery_override, parcel

_row = delivery_override.c
_COLUMNS = ("override_id", "asked_by_role")
_who = who_asks()
_target = (
    select(
        *delivery_columns(_who),
        *(_row[name].label(f"asked_{name}") for name in _COLUMNS),
    )
    .select_from(
        _who.join(delivery_override, true())
        .join(delivery, delivery.c.delivery_id == _row.delivery_id)
        .join(parcel, parcel.c.delivery_id == _row.delivery_id)
    )
    .where(
        _row.override_id == bindparam("asked_override_id", type_=Uuid(as_uuid=False)),
        holds_any(_who, STAFF),
    )
    .cte("target")
)
OVERRIDE = seen(_who, _target)
CLAIM_ON_OVERRIDE = seen(_who, _target, claim_on(_who, _target))
"""For staff alone."""
_CLOCKS = (
    select(_row.due_at)
    .where(
        _row.delivery_id == bindparam("delivery_id", type_=Uuid(as_uuid=False)),
        _row.status == literal(str(OverrideStatus.ASKED), Text),
    )
    .order_by(_row.due_at)
)


async def override_clocks(database: Database, delivery_id: DeliveryId) -> list[DeadlineView]:
    """Return the clocks of overrides of a delivery that wait for a second person."""
    rows = await database.every(_CLOCKS, {"delivery_id": delivery_id})
    clocks = [clock_view(DeadlineKind.OVERRIDE, row["due_at"]) for row in rows if _is_open(row)]
    return [clock for clock in clocks if clock is not None]


def override_view(row: Mapping[str, Any]) -> OverrideView:
    """Return an override as staff read it; one whose time is over has expired, whoever says so first."""
    status = OverrideStatus(row["status"])
    is_asked = status is OverrideStatus.ASKED
    if is_asked and not _is_open(row):
        status = OverrideStatus.EXPIRED
    names = OverrideView.model_fields.keys() - {"status", "deadline"}
    clock = clock_view(DeadlineKind.OVERRIDE, row["due_at"])
    return OverrideView(
        status=status,
        deadline=clock if status is OverrideStatus.ASKED else None,
        **{name: row[name] for name in names},
    )


def _is_open(row: Mapping[str, Any]) -> bool:
    due_at: datetime = row["due_at"]
    return due_at > datetime.now(UTC)
