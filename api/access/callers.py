"""Who asks, where a request is about nothing but the person: in one statement, by their roles."""

from __future__ import annotations

from sqlalchemy import Select, select, true

from api.access.claims import asker_of
from api.access.database import Database
from api.access.permissions import require_role
from api.access.rows import Asker
from api.access.statements import claim_for, may_ask_for, who_asks
from api.edge.problems import unauthenticated
from domain.identity.actions import Action

_ASKER = who_asks().select()


def claim_by(action: Action) -> Select[tuple[object, ...]]:
    """Return the statement that claims a request of whoever has a role for an action."""
    who = who_asks()
    able = who.select().where(may_ask_for(who, action)).cte("able")
    claim = claim_for(able.c.asker_id, able)
    return select(who, claim).select_from(who.outerjoin(claim, true()))


async def caller(database: Database, token_hash: bytes) -> Asker:
    """Return who asks, if their roles allow what the request asks for.

    Raises:
        Problem: `unauthenticated` or `not_your_role`.
    """
    row = await database.first(_ASKER, {"token_hash": token_hash})
    if row is None:
        raise unauthenticated()
    asker = asker_of(row)
    require_role(asker)
    return asker
