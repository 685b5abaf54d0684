"""Credentials with which staff act in a person's place: short, for a reason, and in the audit."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    all_,
    and_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import Text

from domain.auditing.entries import AuditEntry, EntryKind
from domain.identity.acting import ACTING_S
from domain.identity.actions import Action
from domain.identity.credentials import PREFIXES, Credential
from domain.identity.permissions import RULES
from domain.identity.roles import STAFF_ROLES
from domain.ids import PersonId
from domain.words.accounts import AccountNotice
from infra.audit.trail import append_entry
from infra.database.schema import access_token, acting, person
from infra.database.tokens import TOKEN_BYTES, token_hash
from infra.notifications.holders import tell_holder


def _has_one_of(of: FromClause, roles: Iterable[str]) -> ColumnElement[bool]:
    named = literal(sorted(str(role) for role in roles), ARRAY(Text))
    return of.c.roles.op("&&", is_comparison=True)(named)


def _lives(token: FromClause) -> ColumnElement[bool]:
    return and_(token.c.revoked_at.is_(None), token.c.expires_at > func.now())


_WHOM = select(_has_one_of(person, STAFF_ROLES)).where(
    person.c.person_id == bindparam("whom", type_=person.c.person_id.type)
)
_actor, _session = person.alias("actor"), access_token.alias("made_in")
_KEPT = (
    select(access_token.c.expires_at)
    .join(acting, acting.c.token_hash == access_token.c.token_hash)
    .where(acting.c.acting_id == bindparam("acting_id", type_=acting.c.acting_id.type))
)
_USE = (
    select(
        acting.c.acting_id, acting.c.actor_id, acting.c.person_id, acting.c.reason, acting.c.actions
    )
    .join(access_token, access_token.c.token_hash == acting.c.token_hash)
    # Who may act for nobody any more does not, and nobody acts for somebody who has become staff.
    .join(
        _actor,
        and_(
            _actor.c.person_id == acting.c.actor_id,
            _has_one_of(_actor, RULES[Action.ACT_FOR].roles),
        ),
    )
    .join(
        person,
        and_(person.c.person_id == acting.c.person_id, ~_has_one_of(person, STAFF_ROLES)),
    )
    # Whoever signs a session out signs out what was done from it.
    .outerjoin(_session, _session.c.token_hash == acting.c.made_in)
    .where(
        acting.c.token_hash == bindparam("hash", type_=acting.c.token_hash.type),
        _lives(access_token),
        or_(acting.c.made_in.is_(None), _lives(_session)),
    )
)
_TELL = (
    update(acting)
    .where(
        acting.c.acting_id == bindparam("of_acting", type_=acting.c.acting_id.type),
        bindparam("done", type_=Text) != all_(acting.c.told),
    )
    .values(told=func.array_append(acting.c.told, bindparam("done", type_=Text)))
    .returning(acting.c.acting_id)
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
    made_in: bytes
    """Under what the credential is looked up that it was made with; it ends with that one."""


@dataclass(frozen=True, slots=True)
class ActingFor:
    """Who acts for whom."""

    acting_id: str
    actor_id: PersonId
    person_id: PersonId
    reason: str
    actions: frozenset[str]


class ActingCredentials:
    """The credentials in the database."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, new: NewActing) -> tuple[str | None, datetime]:
        """Make a credential, and return it with the moment when it ends.

        Raises:
            NobodyToActFor: the person is not there, or is staff.
        Idempotency: one that is kept already is returned without its secret.
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
            "made_in": new.made_in,
        }
        ends = insert(access_token).returning(access_token.c.expires_at)
        async with self._engine.begin() as connection:
            is_staff = await connection.scalar(_WHOM, {"whom": new.person_id})
            if is_staff is None or is_staff:
                raise NobodyToActFor
            kept_until: datetime | None = await connection.scalar(_KEPT, row)
            if kept_until is not None:
                return None, kept_until
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
            row.acting_id,
            PersonId(row.actor_id),
            PersonId(row.person_id),
            row.reason,
            frozenset(row.actions),
        )

    async def note_change(self, who: ActingFor, action: str, about: Mapping[str, Any]) -> None:
        """Write down who really asks for a change, before it is made.

        It stands in the trail of staff and in that of people; the person is told of the first change
        of each kind that is made with a credential.
        """
        facts = {"action": action, "reason": who.reason, **{k: str(v) for k, v in about.items()}}
        async with self._engine.begin() as connection:
            told = {"of_acting": who.acting_id, "done": action}
            if (await connection.execute(_TELL, told)).first() is not None:
                said = {"action": action.replace("_", " "), "reason": who.reason}
                await tell_holder(connection, who.person_id, AccountNotice.ACTED_FOR, said)
            for kind in (EntryKind.ACTED_FOR, EntryKind.ACTED_AS):
                entry = AuditEntry(kind, "person", who.person_id, who.actor_id, "staff", facts)
                await append_entry(connection, entry)
