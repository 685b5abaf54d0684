"""Whose statement may be read by whom, and which accounts of a delivery concern which of its people."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Uuid, bindparam, or_, select, true

from api.access.database import Database
from api.access.rows import STAFF, Relation
from api.access.statements import is_staff, seen, who_asks
from api.edge.problems import not_found, unauthenticated
from domain.ids import PersonId
from domain.ledger import AccountKind
from infra.database.schema import person

_A, _R = AccountKind, Relation
_CUSTODY = frozenset({_A.ESCROW, _A.TRANSFER_RESERVE})

CONCERNS = {
    _R.SENDER: _CUSTODY,
    _R.CUSTOMER: _CUSTODY | {_A.TIPS, _A.CUSTOMER_DUES, _A.FEE_REVENUE, _A.MEMO_AUTHORISED},
    _R.TRAVELER: _CUSTODY
    | {_A.TIPS, _A.FEE_REVENUE, _A.TRAVELER_PAYABLE, _A.TRAVELER_DUES, _A.NETTING},
    **dict.fromkeys(STAFF, frozenset(AccountKind)),
}
"""Accounts of a delivery by who may read them: what one side owes is not the other side's business,
and what the platform pays and loses is its own."""

_who = who_asks()
_subject = (
    select(person.c.person_id.label("subject_id"))
    .select_from(_who.join(person, true()))
    .where(
        person.c.person_id == bindparam("person_id", type_=Uuid(as_uuid=False)),
        or_(person.c.person_id == _who.c.asker_id, is_staff(_who)),
    )
    .cte("subject")
)
_SUBJECT = seen(_who, _subject)
_MYSELF = select(_who.c.asker_id)


async def asking_person(database: Database, token_hash: bytes) -> PersonId:
    """Return who asks.

    Raises:
        Problem: `unauthenticated`.
    """
    row = await database.first(_MYSELF, {"token_hash": token_hash})
    if row is None:
        raise unauthenticated()
    return PersonId(row["asker_id"])


async def subject_of(database: Database, token_hash: bytes, person_id: str) -> PersonId:
    """Return the person whose statement is asked for: oneself, or anybody when staff asks.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    values = {"token_hash": token_hash, "person_id": person_id}
    row = await database.first(_SUBJECT, values)
    if row is None:
        raise unauthenticated()
    if row["subject_id"] is None:
        raise not_found()
    return PersonId(row["subject_id"])


def kinds_for(relations: Iterable[Relation]) -> list[AccountKind]:
    """Return the kinds of accounts that concern a person who is all of this to a delivery."""
    concerned: frozenset[AccountKind] = frozenset()
    for relation in relations:
        concerned |= CONCERNS.get(relation, frozenset())
    return sorted(concerned)
