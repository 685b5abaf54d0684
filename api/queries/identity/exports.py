"""How often a person has taken a copy of everything about them."""

from __future__ import annotations

from sqlalchemy import text

from api.access.database import Database
from domain.ids import PersonId

_LATELY = text("""
SELECT count(*) AS times FROM audit_entry
WHERE subject_id = CAST(CAST(:person AS uuid) AS text) AND kind = 'exported' AND key <> :key
    AND at > now() - :within_s * interval '1 second'
""")


async def exported_lately(database: Database, person_id: PersonId, key: str, within_s: int) -> int:
    """Return how many copies were taken besides the one of a key."""
    values = {"person": person_id, "key": key, "within_s": within_s}
    row = await database.first(_LATELY, values)
    return 0 if row is None else int(row["times"])
