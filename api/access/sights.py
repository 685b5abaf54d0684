"""Loads what a reading request asks for, if the asking person may see it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Select

from api.access.asking import note_asker
from api.access.claims import asker_of
from api.access.database import Database, Row
from api.access.permissions import permit
from api.access.rows import DeliveryRow, Sight
from api.access.statements import (
    known_delivery,
    known_dispute,
    known_offer,
    seen,
    who_asks,
)
from api.edge.problems import not_found, unauthenticated

_who = who_asks()
_DELIVERY = seen(_who, known_delivery(_who).cte("target"))
_OFFER = seen(_who, known_offer(_who).cte("target"))
_DISPUTE = seen(_who, known_dispute(_who).cte("target"))


async def sight_of(database: Database, token_hash: bytes, delivery_id: str) -> Sight:
    """Return a delivery for one who may know that it exists.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    row = await found_by(
        database, _DELIVERY, {"token_hash": token_hash, "delivery_id": delivery_id}
    )
    return sight_in(row)


async def permitted_sight_of(database: Database, token_hash: bytes, delivery_id: str) -> Sight:
    """Return a delivery for one who may do with it what the request asks for.

    Raises:
        Problem: `unauthenticated`, `not_found` or `not_your_role`.
    """
    sight = await sight_of(database, token_hash, delivery_id)
    permit(sight)
    return sight


async def dispute_row(database: Database, token_hash: bytes, dispute_id: str) -> Row:
    """Return a dispute with its delivery for a party or staff.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    return await found_by(database, _DISPUTE, {"token_hash": token_hash, "dispute_id": dispute_id})


async def offer_row(database: Database, token_hash: bytes, delivery_id: str, offer_id: str) -> Row:
    """Return a delivery with one of its offers, if it has that, for one who may know the delivery.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    values = {"token_hash": token_hash, "delivery_id": delivery_id, "offer_id": offer_id}
    return await found_by(database, _OFFER, values)


def sight_in(row: Row) -> Sight:
    """Return the sight in a row."""
    return Sight(asker_of(row), DeliveryRow.read(row))


async def found_by(database: Database, statement: Select[Any], values: Mapping[str, Any]) -> Row:
    """Return what a statement about one object finds, with the delivery that it belongs to.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    row = await database.first(statement, values)
    if row is None:
        raise unauthenticated()
    note_asker(row)
    if row["delivery_id"] is None:
        raise not_found()
    return row
