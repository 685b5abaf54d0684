"""Who may freeze many deliveries at once: operators."""

from __future__ import annotations

from sqlalchemy import select, true

from api.access.claims import asker_of
from api.access.database import Database
from api.access.permissions import require_role
from api.access.statements import claim_for, may_ask_for, who_asks
from api.edge.problems import unauthenticated
from domain.identity.actions import Action

_who = who_asks()
_operator = _who.select().where(may_ask_for(_who, Action.ORDER_BULK_HOLD)).cte("operator")
_claim = claim_for(_operator.c.asker_id, _operator)
CLAIM_AS_OPERATOR = select(_who, _claim).select_from(_who.outerjoin(_claim, true()))
_ASKER = _who.select()


async def require_operator(database: Database, token_hash: bytes) -> None:
    """Check that an operator asks.

    Raises:
        Problem: `unauthenticated` or `not_your_role`.
    """
    row = await database.first(_ASKER, {"token_hash": token_hash})
    if row is None:
        raise unauthenticated()
    require_role(asker_of(row))
