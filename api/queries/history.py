"""The events of one delivery, in order."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import (
    Integer,
    Uuid,
    bindparam,
    cast,
    exists,
    func,
    literal_column,
    not_,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB

from api.access.database import Database
from api.models.records import EventView
from domain.transitions import EventKind
from infra.database.schema import event

OFFER_KINDS = (
    EventKind.OFFER_SUBMITTED,
    EventKind.OFFER_COUNTERED,
    EventKind.OFFER_WITHDRAWN,
)
"""Events about one traveler's offer, which are not for the eyes of the others."""

_traveler_id = bindparam("traveler_id", type_=Uuid(as_uuid=False))
_offers = func.jsonb_array_elements(cast(event.c.body, JSONB)["offers"]).table_valued(
    "value", name="offers"
)
_of_this_traveler = exists(
    select(literal_column("1"))
    .select_from(_offers)
    .where(
        cast(cast(_offers.c.value, JSONB)["traveler_id"].astext, Uuid(as_uuid=False))
        == _traveler_id
    )
)
_EVENTS = (
    select(event.c.sequence, event.c.kind, event.c.at, event.c.actor_role, event.c.body)
    .where(
        event.c.delivery_id == bindparam("delivery_id", type_=Uuid(as_uuid=False)),
        event.c.sequence > bindparam("after", type_=Integer),
        or_(
            _traveler_id.is_(None),
            not_(event.c.kind.in_([str(kind) for kind in OFFER_KINDS])),
            _of_this_traveler,
        ),
    )
    .order_by(event.c.sequence)
    .limit(bindparam("count", type_=Integer))
)


async def events(
    database: Database, delivery_id: str, offers_of: str | None, after: int, count: int
) -> list[EventView]:
    """Return the events behind a sequence number, oldest first.

    Shape: with `offers_of`, offers are left out unless they are that person's.
    """
    values = {
        "delivery_id": delivery_id,
        "traveler_id": offers_of,
        "after": after,
        "count": count,
    }
    return [_view(row) for row in await database.every(_EVENTS, values)]


def _view(row: Mapping[str, Any]) -> EventView:
    body = json.loads(row["body"])
    return EventView(
        sequence=row["sequence"],
        kind=row["kind"],
        at=row["at"],
        actor_role=row["actor_role"],
        status=body["standing"]["status"],
        facts=body["facts"],
    )
