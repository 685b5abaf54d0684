"""Credentials with which staff act in a person's place: short, for a reason, and in the audit."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, func, insert, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import Text

from domain.auditing.entries import AuditEntry, EntryKind
from domain.identity.acting import ACTING_S
from domain.identity.credentials import PREFIXES, Credential
from domain.identity.roles import STAFF_ROLES
from domain.ids import PersonId
from infra.audit.trail import append_entry, note_entry
from infra.database.schema import access_token, acting, person
from infra.database.tokens import TOKEN_BYTES, token_hash

_STAFF = literal(sorted(str(role) for role in STAFF_ROLES), ARRAY(Text))
_WHOM = select(person.c.roles.op("&&", is_comparison=True)(_STAFF)).where(
    person.c.person_id == bindparam("whom", type_=person.c.person_id.type)
)
_USE = (
    select(acting.c.actor_id, acting.c.person_id, acting.c.reason, acting.c.actions)
    .join(access_token, access_token.c.token_hash == acting.c.token_hash)
    # Who works for the platform no more acts for nobody any more.
    .join(
        person,
        and_(
            person.c.person_id == acting.c.actor_id,
            person.c.roles.op("&&", is_comparison=True)(_STAFF),
        ),
    )
    .where(
        acting.c.token_hash == bindparam("hash", type_=acting.c.token_hash.type),
        access_token.c.revoked_at.is_(None),
        access_token.c.expires_at > func.now(),
    )
)


class NobodyToActFor(Exception):
    """The person is not there, or works for the platform too."""


@dataclass(frozen=True, slots=True)
class NewActing:
    """Somebody of the staff wants to act in a person's place."""

    acting_id: str
    actor_id: PersonId
    actor_role: str
    person_id: PersonId
    reason: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ActingFor:
    """Who acts for whom."""

    actor_id: PersonId
    person_id: PersonId
    reason: str
    actions: frozenset[str]


class ActingCredentials:
    """The credentials in the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, new: NewActing) -> tuple[str, datetime]:
        """Make a credential, and return it with the moment when it ends.

        Raises:
            NobodyToActFor: the person is not there, or is staff.
        """
        credential = PREFIXES[Credential.ACTING] + secrets.token_urlsafe(TOKEN_BYTES)
        hashed = token_hash(credential)
        token = {"token_hash": hashed, "person_id": new.person_id, "kind": str(Credential.ACTING)}
        row = {
            "acting_id": new.acting_id,
            "token_hash": hashed,
            "actor_id": new.actor_id,
            "person_id": new.person_id,
            "reason": new.reason,
            "actions": list(new.actions),
        }
        ends = insert(access_token).returning(access_token.c.expires_at)
        async with self._engine.begin() as connection:
            is_staff = await connection.scalar(_WHOM, {"whom": new.person_id})
            if is_staff is None or is_staff:
                raise NobodyToActFor
            life = func.now() + timedelta(seconds=ACTING_S)
            expires_at: datetime = (
                await connection.execute(ends.values(**token, expires_at=life))
            ).scalar_one()
            await connection.execute(insert(acting), row)
            facts = {"reason": new.reason, "may": " ".join(new.actions)}
            entry = AuditEntry(
                EntryKind.ACTED_AS, "person", new.person_id, new.actor_id, new.actor_role, facts
            )
            await append_entry(connection, entry)
        return credential, expires_at

    async def use(self, hashed: bytes) -> ActingFor | None:
        """Return who acts for whom with a credential that lives."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_USE, {"hash": hashed})).first()
        if row is None:
            return None
        return ActingFor(
            PersonId(row.actor_id), PersonId(row.person_id), row.reason, frozenset(row.actions)
        )

    async def note_change(self, who: ActingFor, action: str, about: Mapping[str, Any]) -> None:
        """Write down who really asks for a change, before it is made."""
        facts = {"action": action, "reason": who.reason, **{k: str(v) for k, v in about.items()}}
        entry = AuditEntry(
            EntryKind.ACTED_AS, "person", who.person_id, who.actor_id, "staff", facts
        )
        await note_entry(self._engine, entry)
