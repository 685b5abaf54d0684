"""Counts the wrong tries of a person, whichever sign-in or session they are made in."""

from __future__ import annotations

from sqlalchemy import case, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from api.access.database import Database
from api.edge.problems import EdgeCode, Problem
from api.queries.identity.factors import PERSON
from domain.identity.factors import FACTORS
from infra.database.schema import factor_tries

_failures = factor_tries.c.failures + 1
_wait_s = case(dict(enumerate(FACTORS.waits_s, 1)), value=_failures, else_=FACTORS.waits_s[-1])
_wait = func.make_interval(0, 0, 0, 0, 0, 0, _wait_s)
_TRY = (
    insert(factor_tries)
    .values(person_id=PERSON, failures=1, blocked_until=func.now())
    .on_conflict_do_update(
        index_elements=["person_id"],
        set_={"failures": _failures, "blocked_until": func.now() + _wait},
        where=factor_tries.c.blocked_until <= func.now(),
    )
    .returning(factor_tries.c.failures)
)
_LEFT = select(
    func.ceil(func.extract("epoch", factor_tries.c.blocked_until - func.now())).label("left_s")
).where(factor_tries.c.person_id == PERSON)
_FORGIVE = delete(factor_tries).where(factor_tries.c.person_id == PERSON)


async def count_try(database: Database, person_id: str) -> None:
    """Count a try as a wrong one before it is looked at, so that many at once are no way around.

    Raises:
        Problem: `second_factor_blocked` while the person has to wait.
    """
    values = {"whose": person_id}
    if await database.first(_TRY, values) is not None:
        return
    row = await database.first(_LEFT, values)
    left_s = max(1, int(row["left_s"])) if row else 1
    raise Problem(
        EdgeCode.SECOND_FACTOR_BLOCKED,
        "There were too many wrong codes. Wait as long as Retry-After says.",
        headers={"Retry-After": str(left_s)},
    )


async def forgive_tries(database: Database, person_id: str) -> None:
    """Forget the wrong tries of a person who has got it right."""
    await database.run(_FORGIVE, {"whose": person_id})
