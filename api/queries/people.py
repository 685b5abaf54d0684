"""What staff may know of a person."""

from __future__ import annotations

from sqlalchemy import Uuid, bindparam, func, select, true

from api.access.database import Database, Row
from api.access.permissions import role_missing
from api.access.statements import may_ask_for, who_asks
from api.edge.problems import not_found, unauthenticated
from domain.identity.actions import Action
from infra.database.schema import person, strike

STRIKES_MAX = 50
"""Strikes that are shown: who has more has been looked at long before."""

_who = who_asks()
_person_id = bindparam("person_id", type_=Uuid(as_uuid=False))
_latest = (
    select(strike.c.delivery_id, strike.c.at, strike.c.reason, func.count().over().label("total"))
    .where(strike.c.person_id == _person_id)
    .order_by(strike.c.at.desc())
    .limit(STRIKES_MAX)
    .cte("latest")
)
_RECORD = (
    select(
        _who,
        may_ask_for(_who, Action.READ_RECORD).label("may_read"),
        person.c.person_id,
        *_latest.c,
    )
    .select_from(
        _who.outerjoin(person, person.c.person_id == _person_id).outerjoin(_latest, true())
    )
    .order_by(_latest.c.at.desc())
)


async def strikes_of(database: Database, token_hash: bytes, person_id: str) -> list[Row]:
    """Return a person's latest strikes with how many there are, for staff only.

    Raises:
        Problem: `unauthenticated`, `not_your_role`, or `not_found` when nobody has this id.
    """
    rows = await database.every(_RECORD, {"token_hash": token_hash, "person_id": person_id})
    if not rows:
        raise unauthenticated()
    if not rows[0]["may_read"]:
        raise role_missing(Action.READ_RECORD)
    if rows[0]["person_id"] is None:
        raise not_found()
    return [row for row in rows if row["delivery_id"] is not None]
