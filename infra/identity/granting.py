"""Gives people roles and takes them away: each change with a reason, in the audit."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.entries import AuditEntry, EntryKind
from domain.identity.roles import IMPLIED, PersonRole, complete
from domain.ids import PersonId
from infra.audit.trail import append_entry
from infra.database.schema import person

_PERSON = bindparam("whom", type_=person.c.person_id.type)
_ROLES = select(person.c.roles).where(person.c.person_id == _PERSON).with_for_update()
_WRITE = update(person).where(person.c.person_id == _PERSON)


class NobodyThere(Exception):
    """There is no person with this id."""


@dataclass(frozen=True, slots=True)
class RoleChange:
    """A role that is given to somebody or taken from them."""

    person_id: PersonId
    role: PersonRole
    reason: str
    by: PersonId | None
    """Who says so; none for whoever sits at the machine."""
    by_role: str


async def grant_role(engine: AsyncEngine, change: RoleChange) -> tuple[str, ...]:
    """Give a role, with the one that comes with it, and return every role of the person.

    Raises:
        NobodyThere: nobody has this id.
    Idempotency: a role that is held already is not given again, and nothing is noted.
    """
    return await _change(engine, change, EntryKind.ROLE_GRANTED)


async def revoke_role(engine: AsyncEngine, change: RoleChange) -> tuple[str, ...]:
    """Take a role, with those that it comes with, and return every role that is left.

    Raises:
        NobodyThere: nobody has this id.
    Idempotency: as for `grant_role`.
    """
    return await _change(engine, change, EntryKind.ROLE_REVOKED)


async def _change(engine: AsyncEngine, change: RoleChange, kind: EntryKind) -> tuple[str, ...]:
    async with engine.begin() as connection:
        whom = {"whom": change.person_id}
        held = await connection.scalar(_ROLES, whom)
        if held is None:
            raise NobodyThere
        roles = (
            _granted(held, change.role)
            if kind is EntryKind.ROLE_GRANTED
            else _left(held, change.role)
        )
        if set(roles) != set(held):
            await connection.execute(_WRITE.values(roles=list(roles)), whom)
            facts = {"role": str(change.role), "reason": change.reason}
            await append_entry(
                connection,
                AuditEntry(kind, "person", change.person_id, change.by, change.by_role, facts),
            )
    return roles


def _granted(held: list[str], role: PersonRole) -> tuple[str, ...]:
    return complete([*held, role])


def _left(held: list[str], role: PersonRole) -> tuple[str, ...]:
    """Return what is left without a role: whoever is no agent is no senior agent."""
    gone = {role, *(above for above, below in IMPLIED.items() if below is role)}
    return tuple(sorted(other for other in held if other not in gone))
