"""Keys of programs: made once, known by their hash, and asked about at each use."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    and_,
    any_,
    bindparam,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.auditing.entries import AuditEntry, EntryKind
from domain.identity.credentials import PREFIXES, Credential
from domain.identity.roles import PersonRole
from domain.identity.scopes import LIVE_KEYS_MAX
from domain.ids import PersonId
from domain.words.accounts import AccountNotice
from infra.audit.trail import append_entry
from infra.database.schema import access_token, api_key, person
from infra.database.tokens import TOKEN_BYTES, token_hash
from infra.notifications.holders import tell_holder

LISTED_MAX = 100
"""Keys that are listed, the newest first."""
SHOWN_CHARACTERS = 12
"""Beginning of a key by which people recognise it: 48 of its 256 random bits."""
MINUTE = timedelta(minutes=1)
"""To how much the moment of the last use is kept: a busy key would write its row at each request."""

_key, _token, _person = api_key.c, access_token.c, person.c
_BOTH = api_key.join(access_token, _key.token_hash == _token.token_hash)
_LIVE = and_(_token.revoked_at.is_(None), _token.expires_at > func.now())
_OWNER = bindparam("owner", type_=_key.person_id.type)
_KEY_ID = bindparam("asked_key_id", type_=_key.key_id.type)
_IS_INTEGRATOR = literal(str(PersonRole.INTEGRATOR)) == any_(_person.roles)
_LOCKED_OWNER = (
    select(_person.person_id).where(_person.person_id == _OWNER, _IS_INTEGRATOR).with_for_update()
)
_COUNT = select(func.count()).select_from(_BOTH).where(_key.person_id == _OWNER, _LIVE)
_SHOWN = select(
    _key.key_id,
    _key.name,
    _key.prefix,
    _key.scopes,
    _key.created_at,
    _key.expires_at,
    _key.last_used_at,
    _token.revoked_at,
    _LIVE.label("is_live"),
).select_from(_BOTH)
_ONE = _SHOWN.where(_key.person_id == _OWNER, _key.key_id == _KEY_ID)
_LIST = _SHOWN.where(_key.person_id == _OWNER).order_by(_key.key_id.desc()).limit(LISTED_MAX)
_REVOKE = (
    update(access_token)
    .where(
        _token.token_hash == _key.token_hash,
        _token.revoked_at.is_(None),
        _key.person_id == _OWNER,
        _key.key_id == _KEY_ID,
    )
    .values(revoked_at=func.now())
    .returning(_key.key_id)
)
_used = (
    select(_key.token_hash, _key.person_id, _key.scopes, _person.roles)
    .select_from(_BOTH.join(person, _person.person_id == _key.person_id))
    .where(_key.token_hash == bindparam("hash", type_=_key.token_hash.type), _LIVE, _IS_INTEGRATOR)
    .cte("used")
)
_noted = (
    update(api_key)
    .where(
        _key.token_hash == _used.c.token_hash,
        or_(_key.last_used_at.is_(None), _key.last_used_at < func.now() - MINUTE),
    )
    .values(last_used_at=func.now())
    .returning(_key.key_id)
    .cte("noted")
)
_USE = select(_used.c.person_id, _used.c.scopes, _used.c.roles).add_cte(_noted)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that is asked for."""

    key_id: str
    owner: PersonId
    """Whose key it is: it may do what they may."""
    name: str
    scopes: tuple[str, ...]
    expires_at: datetime | None
    by: PersonId
    """Who makes it."""
    by_role: str


class NoSuchOwner(Exception):
    """Nobody with this id builds on the API."""


class TooManyKeys(Exception):
    """The person has as many keys as may live at once."""


class ApiKeys:
    """The keys in the database; every change is in the audit, in the transaction of the change."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def create(self, new: NewKey) -> tuple[dict[str, Any], str | None]:
        """Keep a new key and return its row and the key itself: the only time it is seen.

        Raises:
            NoSuchOwner: the owner is not there, or is no integrator.
            TooManyKeys: two keys of theirs live already.
        Idempotency: a key that is kept already is returned without its secret.
        """
        key = PREFIXES[Credential.API_KEY] + secrets.token_urlsafe(TOKEN_BYTES)
        asked = {"owner": new.owner, "asked_key_id": new.key_id}
        async with self._engine.begin() as connection:
            if (await connection.execute(_LOCKED_OWNER, {"owner": new.owner})).first() is None:
                raise NoSuchOwner
            known = await _row(connection, asked)
            if known is not None:
                return known, None
            if (await connection.execute(_COUNT, asked)).scalar_one() >= LIVE_KEYS_MAX:
                raise TooManyKeys
            await _insert(connection, new, key)
            made = await _row(connection, asked)
            assert made is not None, "it was inserted just now"
            shown = {"prefix": made["prefix"]}
            await tell_holder(connection, new.owner, AccountNotice.API_KEY_MADE, shown)
            await append_entry(connection, _entry(EntryKind.ACCESS_GRANTED, new, made["prefix"]))
        return made, key

    async def of(self, owner: PersonId) -> Sequence[dict[str, Any]]:
        """Return the keys of a person, the newest first."""
        async with self._engine.connect() as connection:
            return [row._asdict() for row in await connection.execute(_LIST, {"owner": owner})]

    async def revoke(
        self, owner: PersonId, key_id: str, by: PersonId, by_role: str
    ) -> dict[str, Any] | None:
        """Make a key useless at once and return its row; none when the person has no such key.

        Idempotency: a key that is revoked already keeps its moment.
        """
        asked = {"owner": owner, "asked_key_id": key_id}
        async with self._engine.begin() as connection:
            ended = (await connection.execute(_REVOKE, asked)).first() is not None
            row = await _row(connection, asked)
            if ended and row is not None:
                shown = {"prefix": row["prefix"]}
                await tell_holder(connection, owner, AccountNotice.API_KEY_REVOKED, shown)
                facts = {"what": "api_key", "key_id": key_id}
                revoked = AuditEntry(EntryKind.ACCESS_REVOKED, "person", owner, by, by_role, facts)
                await append_entry(connection, revoked)
        return row

    async def use(self, hashed: bytes) -> tuple[frozenset[str], dict[str, Any]] | None:
        """Return the scopes of a key that lives, and whose it is; its use is noted."""
        async with self._engine.begin() as connection:
            row = (await connection.execute(_USE, {"hash": hashed})).first()
        return None if row is None else (frozenset(row.scopes), row._asdict())


async def _insert(connection: AsyncConnection, new: NewKey, key: str) -> None:
    hashed, never = token_hash(key), text("'infinity'")
    token = {"token_hash": hashed, "person_id": new.owner, "kind": str(Credential.API_KEY)}
    ends = new.expires_at or never
    await connection.execute(insert(access_token).values(**token, expires_at=ends))
    row = {
        "key_id": new.key_id,
        "token_hash": hashed,
        "person_id": new.owner,
        "name": new.name,
        "prefix": key[:SHOWN_CHARACTERS],
        "scopes": list(new.scopes),
        "expires_at": new.expires_at,
        "created_by": new.by,
    }
    await connection.execute(insert(api_key), row)


async def _row(connection: AsyncConnection, asked: dict[str, Any]) -> dict[str, Any] | None:
    row = (await connection.execute(_ONE, asked)).first()
    return None if row is None else row._asdict()


def _entry(kind: EntryKind, new: NewKey, prefix: str) -> AuditEntry:
    facts = {
        "what": "api_key",
        "key_id": new.key_id,
        "prefix": prefix,
        "scopes": " ".join(new.scopes),
    }
    return AuditEntry(kind, "person", new.owner, new.by, new.by_role, facts)
