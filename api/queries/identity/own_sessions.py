"""The devices that a person is signed in on, as they see and end them."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, func, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database, Row
from domain.auditing.entries import AuditEntry, EntryKind
from domain.identity.roles import PersonRole
from domain.ids import PersonId
from domain.words.accounts import AccountNotice
from infra.audit.trail import append_entry
from infra.database.schema import session
from infra.identity.changing import credential_change, shut_out
from infra.identity.granting import NobodyThere
from infra.notifications.holders import tell_holder

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


_LIVING = "session.expires_at > now()"
_END_ALL = text(f"""
WITH whom AS (SELECT CAST(:whom AS uuid) AS person_id),
{shut_out("whom", _LIVING, because="ended_by_admin")}
SELECT count(*) AS ended FROM ended
""")  # noqa: S608 -- The part is a constant of ours.


@dataclass(frozen=True, slots=True)
class SigningOut:
    """An admin ends every session of somebody."""

    person_id: PersonId
    by: PersonId
    reason: str


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


async def sign_out_everywhere(engine: AsyncEngine, order: SigningOut) -> int:
    """End every session of a person and what was begun to get in; return how many sessions it were.

    The person is told, with the reason, and it is in the audit.

    Raises:
        NobodyThere: nobody has this id.
    """
    async with credential_change(engine, order.person_id) as change:
        if not change.is_there:
            raise NobodyThere
        row = await change.first(_END_ALL, {"whom": order.person_id})
        assert row is not None, "a count has a row"
        said = {"reason": order.reason}
        await tell_holder(change.connection, order.person_id, AccountNotice.SIGNED_OUT, said)
        facts = {"what": "sessions", **said}
        revoked, admin = EntryKind.ACCESS_REVOKED, str(PersonRole.ADMIN)
        entry = AuditEntry(revoked, "person", order.person_id, order.by, admin, facts)
        await append_entry(change.connection, entry)
    ended: int = row["ended"]
    return ended
