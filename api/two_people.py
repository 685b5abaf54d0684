"""What one of the staff begins and another one agrees to."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncConnection

from api.edge.problems import Problem
from domain.errors import RefusalCode
from infra.overriding.people import Newcomer, ties_of


async def require_untied(
    connection: AsyncConnection,
    delivery_id: str,
    by: str | None,
    first: str | None,
    newcomer: Newcomer | None = None,
) -> None:
    """Check that two accounts of staff are two people's, and neither is that of somebody with a part in it.

    Whoever gets a part by what the two agree to counts as well.

    Raises:
        Problem: `second_person_needed`, which does not say by what they are tied.
    """
    if await ties_of(connection, delivery_id, by, first, newcomer):
        raise Problem(
            RefusalCode.SECOND_PERSON_NEEDED,
            "The two of you have something in common with each other or with a party of the delivery: "
            "somebody else has to agree to this.",
        )
