"""Who may have payloads decoded: staff as the API takes them for staff, or this machine's Web UI."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass

from sqlalchemy import LargeBinary, bindparam, exists, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.claims import TokenRefused
from domain.identity.credentials import Credential
from domain.identity.staff import StaffRules
from domain.ids import PersonId
from infra.database.schema import access_token, person, session
from infra.database.tokens import session_lookup, token_hash
from infra.identity.access_tokens import AccessTokens

READING_ROLES = ("admin", "operator", "senior_agent", "agent")
"""Roles that look into workflows, the most powerful first."""
LOCAL_READER = "local_operator"
"""Role in the audit of whoever sits at a Web UI that has no sign-in."""
_BEARER = re.compile(r"[Bb]earer +([A-Za-z0-9._~+/=-]{16,1024})")
_SIGNED_DOTS = 2
_KINDS = (Credential.SESSION, Credential.PERSONAL)
"""Credentials that staff read with; scopes of keys and of acting for somebody name no histories."""
_SHOWN = exists().where(
    session.c.session_id == access_token.c.session_id,
    session.c.second_factor_at.is_not(None),
    session.c.revoked_at.is_(None),
)
_WHO = (
    select(person.c.person_id, person.c.roles, access_token.c.kind)
    .join(access_token, access_token.c.person_id == person.c.person_id)
    .where(
        access_token.c.token_hash == bindparam("lookup", type_=LargeBinary),
        access_token.c.revoked_at.is_(None),
        access_token.c.expires_at > func.now(),
        or_(access_token.c.kind != str(Credential.SESSION), _SHOWN),
    )
)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who may read."""

    role: str
    person_id: PersonId | None = None


class Readers:
    """Tells who asks."""

    def __init__(
        self,
        engine: AsyncEngine,
        path_token: str,
        access_tokens: AccessTokens | None,
        rules: StaffRules,
    ) -> None:
        """Name what lets in by the path, who signs access tokens, and the rules of staff."""
        self._engine, self._path_token, self._access_tokens = engine, path_token, access_tokens
        self._rules = rules

    async def who(self, path_token: str, authorization: str, address: str) -> Reader | None:
        """Return who asks from an address, or none for somebody who may not read."""
        if self._path_token and hmac.compare_digest(path_token.encode(), self._path_token.encode()):
            return Reader(LOCAL_READER)
        match = _BEARER.fullmatch(authorization)
        lookup = self._lookup(match[1]) if match else None
        if lookup is None:
            return None
        async with self._engine.connect() as connection:
            row = (await connection.execute(_WHO, {"lookup": lookup})).one_or_none()
        if row is None or row.kind not in _KINDS:
            return None
        if self._rules.withheld(Credential(row.kind), address) is not None:
            return None
        role = next((role for role in READING_ROLES if role in row.roles), None)
        return None if role is None else Reader(role, PersonId(row.person_id))

    def _lookup(self, token: str) -> bytes | None:
        if token.count(".") != _SIGNED_DOTS:
            return token_hash(token)
        if self._access_tokens is None:
            return None
        try:
            return session_lookup(self._access_tokens.verify(token).session_id)
        except TokenRefused:
            return None
