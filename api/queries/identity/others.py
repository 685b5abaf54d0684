"""What people may know of others: those they have to do with, as these want to be seen."""

from __future__ import annotations

from sqlalchemy import Uuid, and_, bindparam, exists, func, or_, select

from api.access.database import Database, Row
from api.access.statements import is_party, may_know, who_asks
from api.edge.problems import not_found, unauthenticated
from infra.database.schema import account, delivery, offer, person
from infra.encryption.people import person_key_column

_who = who_asks()
_person_id = bindparam("person_id", type_=Uuid(as_uuid=False))
_has_part = or_(
    delivery.c.customer_id == _person_id,
    delivery.c.sender_id == _person_id,
    delivery.c.recipient_id == _person_id,
    delivery.c.traveler_id == _person_id,
)
_offers = exists().where(
    offer.c.traveler_id == _person_id, offer.c.delivery_id == delivery.c.delivery_id
)
_meets = or_(
    _who.c.asker_id == _person_id,
    exists().where(or_(and_(_has_part, may_know(_who)), and_(_offers, is_party(_who)))),
)
_CARD = select(
    _who.c.asker_id,
    person.c.person_id,
    person.c.display_name,
    person.c.created_at,
    func.coalesce(account.c.name_shown, "first").label("name_shown"),
    account.c.email_verified_at.is_not(None).label("email_verified"),
    account.c.phone_verified_at.is_not(None).label("phone_verified"),
    person_key_column(),
).select_from(
    _who.outerjoin(person, and_(person.c.person_id == _person_id, _meets)).outerjoin(
        account, account.c.person_id == person.c.person_id
    )
)
_SHARES = select(account.c.shares_position).where(account.c.person_id == _person_id)


async def card_of(database: Database, token_hash: bytes, person_id: str) -> Row:
    """Return what somebody may know of a person they have to do with.

    Raises:
        Problem: `unauthenticated`, or `not_found` for a stranger as for nobody.
    """
    row = await database.first(_CARD, {"token_hash": token_hash, "person_id": person_id})
    if row is None:
        raise unauthenticated()
    if row["person_id"] is None:
        raise not_found()
    return row


async def shares_position(database: Database, person_id: str) -> bool:
    """Tell whether a traveler lets others see exactly where they are; by default they do."""
    row = await database.first(_SHARES, {"person_id": person_id})
    return row is None or bool(row["shares_position"])
