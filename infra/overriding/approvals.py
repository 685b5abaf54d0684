"""What people of staff have approved themselves, and the decisions that refer to it.

A workflow is told who decides by whoever sends it an update. It is believed as far as the API has
written down that this person has approved this override, just now.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.auditing.entries import AuditEntry, EntryKind
from domain.contracts import Actor
from domain.errors import Refusal, RefusalCode
from domain.overriding.rules import OverrideNote
from infra.audit.trail import append_entry

_GIVE = text("""
INSERT INTO override_approval (
    approval_id, override_id, person_id, role, credential, session_id, step_up_id
)
SELECT CAST(:approval_id AS uuid), override_id, CAST(:person_id AS uuid), :role, :credential,
    CAST(:session_id AS uuid), CAST(:step_up_id AS uuid)
FROM delivery_override WHERE override_id = CAST(:override_id AS uuid) AND status = 'asked'
ON CONFLICT (approval_id) DO NOTHING
""")
# Whatever a workflow was told is compared with what is kept: who asked and as what, what the person
# who approves is today, and until when somebody may. The same decision again counts as written.
_DECIDE = text("""
UPDATE delivery_override AS asked SET status = 'approved', because = '', updated_at = :at,
    approval_id = given.approval_id, decided_by = given.person_id,
    decided_at = coalesce(asked.decided_at, :at)
FROM override_approval AS given JOIN person ON person.person_id = given.person_id
WHERE asked.override_id = CAST(:override_id AS uuid) AND given.override_id = asked.override_id
    AND CAST(given.approval_id AS text) = :approval_id
    AND CAST(given.person_id AS text) = :person_id AND given.role = :role
    AND given.role = ANY (person.roles)
    AND given.person_id <> asked.asked_by AND given.role <> asked.asked_by_role
    AND (
        asked.status = 'asked' AND asked.due_at > :at
            AND given.approved_at > now() - make_interval(secs => :fresh_s)
        OR asked.status = 'approved' AND asked.approval_id = given.approval_id
    )
RETURNING asked.override_id
""")
_IS_ASKED = text("""
SELECT status = 'asked' FROM delivery_override WHERE override_id = CAST(:override_id AS uuid)
""")


@dataclass(frozen=True, slots=True)
class GivenApproval:
    """That a person has approved an override, and with what they have shown who they are."""

    approval_id: str
    """The same on every try of the same request."""
    override_id: str
    actor: Actor
    """Who, and in which capacity."""
    credential: str
    """Kind of what the request came with."""
    session_id: str | None
    """The session, if it was one."""
    step_up_id: str | None
    """The approval of the very request with a second factor; every session has needed one."""


async def give_approval(engine: AsyncEngine, given: GivenApproval) -> None:
    """Keep that somebody has approved an override, with its entry in the audit.

    Idempotency: an approval is kept once, with the moment at which it was given first.
    """
    shown = {
        "credential": given.credential,
        "session_id": given.session_id,
        "step_up_id": given.step_up_id,
    }
    values = {
        **shown,
        "approval_id": given.approval_id,
        "override_id": given.override_id,
        "person_id": given.actor.person_id,
        "role": str(given.actor.role),
    }
    entry = AuditEntry(
        EntryKind.INTERVENED,
        "override",
        given.override_id,
        actor_id=given.actor.person_id,
        actor_role=given.actor.role,
        facts={
            "what": "override_approval",
            "approval_id": given.approval_id,
            **{name: value for name, value in shown.items() if value is not None},
        },
    )
    async with engine.begin() as connection:
        kept = await connection.execute(_GIVE, values)
        if kept.rowcount:
            await append_entry(connection, entry)


async def decide_by_approval(connection: AsyncConnection, note: OverrideNote, fresh_s: int) -> bool:
    """Write down that an override is approved, by what its approver has approved; tell if it was.

    It is not when something else came first.

    Raises:
        Refusal: `override_expired` when nobody has approved it, or not just now, or in no role that
            they hold, or in that of whoever asked.
    """
    place = {"override_id": note.order.override_id}
    values = {
        **place,
        "approval_id": note.approval_id,
        "person_id": note.actor.person_id,
        "role": str(note.actor.role),
        "at": note.at,
        "fresh_s": fresh_s,
    }
    if await connection.scalar(_DECIDE, values) is not None:
        return True
    if await connection.scalar(_IS_ASKED, place):
        raise Refusal(
            RefusalCode.OVERRIDE_EXPIRED,
            "Its approver has not approved it just now, as somebody who may: approve it anew.",
        )
    return False
