"""People and their bearer tokens; the database holds only the hash of a token."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from sqlalchemy import func, insert, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.roles import complete
from domain.ids import PersonId
from infra.database.schema import access_token, data_key, person
from infra.encryption.indexes import contact_lookups
from infra.encryption.owned import KeyOwner, columns_of
from infra.encryption.parts import Encryption
from infra.encryption.people import sealed_person
from infra.identifiers import new_id

TOKEN_PREFIX = "sa_"  # noqa: S105 -- It is the part that is no secret.
"""Makes a leaked token recognisable to scanners of source code."""
TOKEN_BYTES = 32
"""256 random bits: nothing to guess, so a plain hash is enough."""
TOKEN_LIFE = timedelta(days=90)
"""Life of a token unless another is named."""


async def create_person(
    engine: AsyncEngine,
    encryption: Encryption,
    *,
    display_name: str,
    roles: Iterable[str],
    email: str | None = None,
    phone: str | None = None,
    payout_account: str | None = None,
    skills: Iterable[str] | None = None,
) -> PersonId:
    """Create a person with a key of their own and return the new id.

    Units: `phone` in E.164 form; `payout_account` is the payment provider's token; `skills` of an
    agent are reasons of disputes, and `appeals`.
    """
    person_id = PersonId(new_id())
    kept = await encryption.keys.new_row(KeyOwner.person(person_id))
    shown = {"display_name": display_name, "email": email, "phone": phone}
    row = insert(person).values(
        person_id=person_id,
        roles=list(complete(roles)),
        payout_account=payout_account,
        **sealed_person(await encryption.keys.opened(kept), person_id, shown),
        **contact_lookups(encryption.index, email, phone),
    )
    if skills:
        row = row.values(skills=sorted(set(skills)))
    async with engine.begin() as connection:
        await connection.execute(insert(data_key).values(columns_of(kept)))
        await connection.execute(row)
    return person_id


def token_hash(token: str) -> bytes:
    """Return the hash under which a bearer token is looked up."""
    return sha256(token.encode("utf-8", "surrogatepass")).digest()


def session_lookup(session_id: str) -> bytes:
    """Return the key under which the credential of a session is looked up.

    Nobody can send it as a token: the edge takes no token with a colon in it.
    """
    return token_hash(f"session:{session_id}")


async def create_token(
    engine: AsyncEngine, person_id: PersonId, life: timedelta = TOKEN_LIFE
) -> str:
    """Create a bearer token for a person and return it: the only time it is ever seen."""
    token = TOKEN_PREFIX + secrets.token_urlsafe(TOKEN_BYTES)
    row = insert(access_token).values(
        token_hash=token_hash(token), person_id=person_id, expires_at=func.now() + life
    )
    async with engine.begin() as connection:
        await connection.execute(row)
    return token


async def revoke_token(engine: AsyncEngine, token: str) -> datetime | None:
    """Revoke a bearer token and return since when it is revoked; none when there is no such token.

    Idempotency: a token that is revoked already keeps its first moment.
    """
    revoked = (
        update(access_token)
        .where(access_token.c.token_hash == token_hash(token))
        .values(revoked_at=func.coalesce(access_token.c.revoked_at, func.now()))
        .returning(access_token.c.revoked_at)
    )
    async with engine.begin() as connection:
        moment: datetime | None = await connection.scalar(revoked)
    return moment


async def revoke_tokens(engine: AsyncEngine, person_id: PersonId) -> int:
    """Revoke every bearer token of a person and return how many worked until now.

    Idempotency: a token that is revoked already keeps its first moment and is not counted.
    """
    working = (
        update(access_token)
        .where(
            access_token.c.person_id == person_id,
            access_token.c.revoked_at.is_(None),
            access_token.c.expires_at > func.now(),
        )
        .values(revoked_at=func.now())
        .returning(access_token.c.token_hash)
    )
    async with engine.begin() as connection:
        return len((await connection.execute(working)).all())
