"""Lists of deliveries and offers, newest first, each in one statement with the asking person."""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    CTE,
    ColumnElement,
    Integer,
    Select,
    Subquery,
    Uuid,
    bindparam,
    false,
    func,
    not_,
    or_,
    select,
    true,
    union,
)

from api.access.claims import asker_of
from api.access.database import Database, Row
from api.access.rows import DeliveryRow, OfferRow, Sight
from api.access.statements import delivery_columns, is_party, may_ask_for, who_asks
from api.edge.problems import unauthenticated
from domain.identity.actions import Action
from domain.ids import OfferId, PersonId
from domain.status import DeliveryStatus
from infra.database.schema import delivery, offer, parcel

BEFORE_ID = bindparam("before_id", type_=Uuid(as_uuid=False))
COUNT = bindparam("count", type_=Integer)

_who = who_asks()


def _branch(person_id: ColumnElement[Any], delivery_id: ColumnElement[str]) -> Select[Any]:
    """Return the newest deliveries in which the person has one part, read from its index."""
    asker_id = select(_who.c.asker_id).scalar_subquery()
    newest = (
        select(delivery_id.label("mine_id"))
        .distinct()
        .where(person_id == asker_id, delivery_id < BEFORE_ID)
        .order_by(delivery_id.desc())
        .limit(COUNT)
        .subquery()
    )
    return select(newest)


def _mine() -> CTE:
    parts = ("customer_id", "sender_id", "recipient_id", "traveler_id")
    branches = [_branch(delivery.c[name], delivery.c.delivery_id) for name in parts]
    branches.append(_branch(offer.c.traveler_id, offer.c.delivery_id))
    return union(*branches).cte("mine")


_mine_ids = _mine()
_MINE = (
    select(*delivery_columns(_who))
    .select_from(
        _mine_ids.join(delivery, delivery.c.delivery_id == _mine_ids.c.mine_id)
        .join(parcel, parcel.c.delivery_id == delivery.c.delivery_id)
        .join(_who, true())
    )
    .order_by(delivery.c.delivery_id.desc())
    .limit(COUNT)
    .subquery("page")
)


def _newest(*conditions: ColumnElement[bool]) -> Subquery:
    """Return the newest deliveries that meet the conditions."""
    return (
        select(*delivery_columns(_who))
        .select_from(
            delivery.join(parcel, parcel.c.delivery_id == delivery.c.delivery_id).join(_who, true())
        )
        .where(delivery.c.delivery_id < BEFORE_ID, *conditions)
        .order_by(delivery.c.delivery_id.desc())
        .limit(COUNT)
        .subquery("page")
    )


_OPEN = _newest(
    delivery.c.status == DeliveryStatus.REQUESTED,
    parcel.c.request_expires_at > func.now(),
    not_(func.coalesce(is_party(_who), false())),
)
_ATTENTION = _newest(
    delivery.c.attention.is_not(None), may_ask_for(_who, Action.LIST_PARKED_DELIVERIES)
)


def _page(page: Subquery) -> Select[Any]:
    return (
        select(_who, page)
        .select_from(_who.outerjoin(page, true()))
        .order_by(page.c.delivery_id.desc())
    )


_STATEMENTS = {"mine": _page(_MINE), "open": _page(_OPEN), "attention": _page(_ATTENTION)}


async def deliveries(
    database: Database, scope: str, token_hash: bytes, before_id: str, count: int
) -> tuple[Row, list[Sight]]:
    """Return the asking person's row and the deliveries before an id, newest first.

    Raises:
        Problem: `unauthenticated`.
    """
    values = {"token_hash": token_hash, "before_id": before_id, "count": count}
    rows = await database.every(_STATEMENTS[scope], values)
    if not rows:
        raise unauthenticated()
    found = [row for row in rows if row["delivery_id"] is not None]
    return rows[0], [Sight(asker_of(row), DeliveryRow.read(row)) for row in found]


_OFFERS = (
    select(
        offer.c.offer_id,
        offer.c.traveler_id,
        offer.c.status,
        offer.c.price_minor,
        offer.c.proposed_by,
        offer.c.sequence,
    )
    .where(
        offer.c.delivery_id == bindparam("delivery_id", type_=Uuid(as_uuid=False)),
        offer.c.offer_id < BEFORE_ID,
        or_(
            bindparam("traveler_id", type_=Uuid(as_uuid=False)).is_(None),
            offer.c.traveler_id == bindparam("traveler_id", type_=Uuid(as_uuid=False)),
        ),
    )
    .order_by(offer.c.offer_id.desc())
    .limit(COUNT)
)


async def offers(
    database: Database, delivery_id: str, traveler_id: str | None, before_id: str, count: int
) -> list[OfferRow]:
    """Return the offers for a delivery before an id, newest first; of one traveler if named."""
    values = {
        "delivery_id": delivery_id,
        "traveler_id": traveler_id,
        "before_id": before_id,
        "count": count,
    }
    return [_offer(row) for row in await database.every(_OFFERS, values)]


def _offer(row: Row) -> OfferRow:
    return OfferRow(
        OfferId(row["offer_id"]),
        PersonId(row["traveler_id"]),
        row["status"],
        row["price_minor"],
        row["proposed_by"],
        None,
        row["sequence"],
    )
