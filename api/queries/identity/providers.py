"""Sign-ins with other providers: begun, finished once, and linked to people."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database, Row
from domain.auditing.entries import EntryKind
from domain.words.accounts import AccountNotice
from infra.encryption.owned import KeyOwner
from infra.encryption.people import NEW_KEY, key_values, sealed_person
from infra.identifiers import new_id
from infra.identity.changing import credential_change
from infra.identity.providers import KnownBy

PROVIDER = "provider"
"""What the audit calls an account at another provider."""
LIFE_S = 600
"""How long a sign-in at a provider may take: people look for their password there."""

_BEGIN = text("""
WITH expired AS (DELETE FROM provider_sign_in WHERE expires_at < now())
INSERT INTO provider_sign_in
    (state_hash, browser_hash, provider, redirect_uri, person_id, expires_at)
VALUES (:state_hash, :browser_hash, :provider, :redirect_uri, :person_id,
    now() + make_interval(secs => :life_s))
RETURNING expires_at
""")
_TAKE = text("""
DELETE FROM provider_sign_in
WHERE state_hash = :state_hash AND browser_hash = :browser_hash AND provider = :provider
    AND person_id IS NOT DISTINCT FROM CAST(:person_id AS uuid) AND expires_at > now()
RETURNING redirect_uri
""")
_KNOWN = text("""
UPDATE linked_identity SET last_used_at = now() WHERE issuer = :issuer AND subject = :subject
RETURNING CAST(person_id AS text) AS person_id
""")
_OPEN = text(f"""
WITH {NEW_KEY}, made AS (
    INSERT INTO person (person_id, display_name, roles, email, email_lookup)
    VALUES (:person_id, :display_name, CAST(:roles AS text[]), :email, :email_lookup)
    RETURNING person_id
), opened AS (
    INSERT INTO account (person_id, email_lookup, email_verified_at)
    SELECT person_id, :email_lookup, now() FROM made RETURNING person_id
)
INSERT INTO linked_identity (identity_id, issuer, subject, provider, person_id, last_used_at)
SELECT :identity_id, :issuer, :subject, :provider, person_id, now() FROM opened
""")  # noqa: S608 -- The part is a constant of ours.
_LINK = text("""
INSERT INTO linked_identity (identity_id, issuer, subject, provider, person_id)
VALUES (:identity_id, :issuer, :subject, :provider, :person_id)
ON CONFLICT DO NOTHING
RETURNING CAST(identity_id AS text) AS identity_id
""")
_OF_PERSON = text("""
SELECT CAST(identity_id AS text) AS identity_id, provider, linked_at, last_used_at
FROM linked_identity WHERE person_id = :person_id ORDER BY identity_id
""")
_UNLINK = text("""
DELETE FROM linked_identity WHERE person_id = :person_id AND identity_id = :identity_id
RETURNING provider
""")


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody who gets an account because a provider has verified their address."""

    email: str
    email_lookup: str
    display_name: str
    roles: tuple[str, ...]


async def begin_at_provider(
    database: Database,
    provider: str,
    redirect_uri: str,
    *,
    secrets: tuple[str, str],
    person_id: str | None,
) -> datetime:
    """Keep a sign-in until its person comes back; `secrets` are its state and the browser's."""
    values: dict[str, Any] = {
        "state_hash": _hash(secrets[0]),
        "browser_hash": _hash(secrets[1]),
        "provider": provider,
        "redirect_uri": redirect_uri,
        "person_id": person_id,
        "life_s": LIFE_S,
    }
    row = await database.first(_BEGIN, values)
    assert row is not None, "an insert that returns has a row"
    until: datetime = row["expires_at"]
    return until


async def take_from_provider(
    database: Database, provider: str, secrets: tuple[str, str], person_id: str | None
) -> str | None:
    """Spend a sign-in and return the page that it was for, or none if it is not one of this browser."""
    values = {
        "state_hash": _hash(secrets[0]),
        "browser_hash": _hash(secrets[1]),
        "provider": provider,
        "person_id": person_id,
    }
    row = await database.first(_TAKE, values)
    return None if row is None else str(row["redirect_uri"])


async def person_known_by(database: Database, known: KnownBy) -> str | None:
    """Return the person to whom a provider's account is linked."""
    row = await database.first(_KNOWN, {"issuer": known.issuer, "subject": known.subject})
    return None if row is None else str(row["person_id"])


async def open_account_by(
    database: Database, provider: str, known: KnownBy, newcomer: Newcomer
) -> str | None:
    """Open an account and return its person, or none when the address has one already."""
    person_id = new_id()
    kept = await database.keys.new_row(KeyOwner.person(person_id))
    shown = {"display_name": newcomer.display_name, "email": newcomer.email}
    values = {
        **key_values(kept),
        **sealed_person(await database.keys.opened(kept), person_id, shown),
        "person_id": person_id,
        "roles": list(newcomer.roles),
        "email_lookup": newcomer.email_lookup,
        "identity_id": new_id(),
        "issuer": known.issuer,
        "subject": known.subject,
        "provider": provider,
    }
    try:
        await database.run(_OPEN, values)
    except IntegrityError:
        return None
    return person_id


async def link_identity(
    engine: AsyncEngine, provider: str, known: KnownBy, person_id: str
) -> str | None:
    """Link a provider's account to a person, who is told; none when it is linked already.

    Returns the id of the link.
    """
    values = {
        "identity_id": new_id(),
        "issuer": known.issuer,
        "subject": known.subject,
        "provider": provider,
        "person_id": person_id,
    }
    async with credential_change(engine, person_id) as change:
        row = await change.first(_LINK, values)
        if row is None:
            return None
        granted = EntryKind.ACCESS_GRANTED
        await change.note(granted, PROVIDER, AccountNotice.PROVIDER_LINKED, provider=provider)
    return str(row["identity_id"])


async def identities_of(database: Database, person_id: str) -> list[Row]:
    """Return the providers' accounts that sign a person in, the oldest first."""
    return await database.every(_OF_PERSON, {"person_id": person_id})


async def unlink_identity(engine: AsyncEngine, person_id: str, identity_id: str) -> bool:
    """Forget a link, tell its person, and tell whether there was one."""
    values = {"person_id": person_id, "identity_id": identity_id}
    async with credential_change(engine, person_id) as change:
        row = await change.first(_UNLINK, values)
        if row is None:
            return False
        provider, revoked = str(row["provider"]), EntryKind.ACCESS_REVOKED
        await change.note(revoked, PROVIDER, AccountNotice.PROVIDER_UNLINKED, provider=provider)
    return True


def _hash(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogatepass")).digest()
