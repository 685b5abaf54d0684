"""Who may freeze many deliveries at once: operators."""

from __future__ import annotations

from sqlalchemy import select, true

from api.access.claims import asker_of
from api.access.database import Database
from api.access.statements import claim_for, has_role, who_asks
from api.edge.problems import Problem, unauthenticated
from domain.contracts import Role
from domain.errors import RefusalCode

_who = who_asks()
_operator = _who.select().where(has_role(_who, str(Role.OPERATOR))).cte("operator")
_claim = claim_for(_operator.c.asker_id, _operator)
CLAIM_AS_OPERATOR = select(_who, _claim).select_from(_who.outerjoin(_claim, true()))
_ASKER = _who.select()


def not_an_operator() -> Problem:
    """Return the refusal of somebody who is no operator."""
    return Problem(RefusalCode.NOT_YOUR_ROLE, "Only operators may do this.")


async def require_operator(database: Database, token_hash: bytes) -> None:
    """Check that an operator asks.

    Raises:
        Problem: `unauthenticated` or `not_your_role`.
    """
    row = await database.first(_ASKER, {"token_hash": token_hash})
    if row is None:
        raise unauthenticated()
    if Role.OPERATOR not in asker_of(row).roles:
        raise not_an_operator()
