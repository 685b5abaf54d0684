"""Who asks about robots: anybody with a token may start them; a run is for its owner and staff."""

from __future__ import annotations

from sqlalchemy import select, true

from api.access.claims import asker_of
from api.access.database import Database
from api.access.statements import claim_for, who_asks
from api.edge.problems import not_found, unauthenticated
from domain.identity.roles import STAFF_ROLES
from infra.robo.runs import Run

_who = who_asks()
_claim = claim_for(_who.c.asker_id, _who)
CLAIM_BY_ANYBODY = select(_who, _claim).select_from(_who.outerjoin(_claim, true()))
_ASKER = _who.select()


async def own_run(database: Database, token_hash: bytes, run: Run | None) -> Run:
    """Return a run if it is for the asking person.

    Raises:
        Problem: `unauthenticated` or `not_found`.
    """
    row = await database.first(_ASKER, {"token_hash": token_hash})
    if row is None:
        raise unauthenticated()
    asker = asker_of(row)
    if run is None or (run.asked_by != asker.person_id and not asker.roles & STAFF_ROLES):
        raise not_found()
    return run
