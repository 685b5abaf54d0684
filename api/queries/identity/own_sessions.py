"""The devices that a person is signed in on, as they see and end them."""

from __future__ import annotations

from sqlalchemy import bindparam, func, select, text

from api.access.database import Database, Row
from infra.database.schema import session

_LIST = (
    select(session)
    .where(
        session.c.person_id == bindparam("holder_id", type_=session.c.person_id.type),
        session.c.revoked_at.is_(None),
        session.c.expires_at > func.now(),
    )
    .order_by(session.c.last_seen_at.desc(), session.c.session_id.desc())
)

_END = text("""
WITH ended AS (
    UPDATE session SET revoked_at = now(), revoked_because = 'ended_by_owner'
    WHERE person_id = CAST(:holder_id AS uuid) AND revoked_at IS NULL AND expires_at > now()
        AND (session_id = CAST(:only_id AS uuid) OR CAST(:only_id AS uuid) IS NULL)
        AND session_id IS DISTINCT FROM CAST(:kept_id AS uuid)
    RETURNING session_id
), closed AS (
    UPDATE access_token SET revoked_at = now() FROM ended
    WHERE access_token.session_id = ended.session_id
)
SELECT count(*) AS ended FROM ended
""")


async def sessions_of(database: Database, person_id: str) -> list[Row]:
    """Return every living session of a person, the last one seen first; a policy bounds them."""
    return await database.every(_LIST, {"holder_id": person_id})


async def end_sessions(
    database: Database, person_id: str, *, only: str | None = None, kept: str | None = None
) -> int:
    """End one session of a person, or all but one, at once on every route; return how many."""
    row = await database.first(_END, {"holder_id": person_id, "only_id": only, "kept_id": kept})
    assert row is not None
    ended: int = row["ended"]
    return ended
