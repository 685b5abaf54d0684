"""The asking person with their account, for everything that people change about it themselves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database
from api.access.statements import who_asks
from api.edge.problems import EdgeCode, Problem, unauthenticated
from api.queries.identity.trail import NOTED, account_changed
from domain.words.accounts import AccountNotice
from infra.database.schema import account, person
from infra.encryption.fields import OwnedKey
from infra.encryption.people import person_key_column
from infra.identity.changing import credential_change, shut_out
from infra.notifications.holders import TOLD_AND_WOKEN, told_about

_who = who_asks()
_HOLDER = select(
    person.c.person_id,
    person.c.roles,
    person.c.display_name,
    person.c.email,
    person.c.phone,
    person.c.created_at,
    account.c.person_id.is_not(None).label("has_account"),
    account.c.password_hash,
    account.c.email_lookup,
    account.c.email_verified_at,
    account.c.phone_verified_at,
    account.c.name_shown,
    account.c.shares_position,
    person_key_column(),
).select_from(
    _who.join(person, person.c.person_id == _who.c.asker_id).outerjoin(
        account, account.c.person_id == person.c.person_id
    )
)

_BUT_THIS_ONE = "session.session_id IS DISTINCT FROM CAST(:kept_session_id AS uuid)"
_CHANGE_PASSWORD = text(f"""
WITH changed AS (
    UPDATE account SET password_hash = :password_hash, password_changed_at = clock_timestamp(),
        updated_at = now()
    WHERE person_id = :person_id AND password_hash IS NOT DISTINCT FROM :known_hash
    RETURNING person_id
), voided AS (
    UPDATE verification_code SET used_at = now() FROM changed
    WHERE verification_code.person_id = changed.person_id AND used_at IS NULL
), {shut_out("changed", _BUT_THIS_ONE, because="password_changed")},
{told_about("changed", f"'{AccountNotice.PASSWORD_CHANGED}'")}
SELECT person_id, {TOLD_AND_WOKEN}, {NOTED}
FROM changed
""")  # noqa: S608 -- The part is a constant of ours.


@dataclass(frozen=True, slots=True)
class Holder:
    """The asking person with their account, if they have one."""

    person_id: str
    roles: tuple[str, ...]
    display_name: str
    email: str | None
    phone: str | None
    created_at: datetime
    has_account: bool
    password_hash: str | None
    email_lookup: str | None
    email_verified_at: datetime | None
    phone_verified_at: datetime | None
    name_shown: str | None
    shares_position: bool | None
    person_key: OwnedKey | None
    """What is kept about the person is encrypted with it; none was made for people of before."""


async def holder_of(database: Database, lookup: bytes) -> Holder:
    """Return the asking person.

    Raises:
        Problem: `unauthenticated`.
    """
    row = await database.first(_HOLDER, {"token_hash": lookup})
    if row is None:
        raise unauthenticated()
    return Holder(**{**row, "roles": tuple(row["roles"])})


async def account_holder_of(database: Database, lookup: bytes) -> Holder:
    """Return the asking person, who has an account.

    Raises:
        Problem: `unauthenticated` or `account_missing`.
    """
    holder = await holder_of(database, lookup)
    if not holder.has_account:
        raise Problem(
            EdgeCode.ACCOUNT_MISSING,
            "Your token was made for you, and no account stands behind it.",
        )
    return holder


async def change_password(
    engine: AsyncEngine, holder: Holder, password_hash: str, kept_session_id: str | None
) -> bool:
    """Set another password and sign out every other device; false when it changed in between."""
    values: dict[str, Any] = {
        "person_id": holder.person_id,
        "password_hash": password_hash,
        "known_hash": holder.password_hash,
        "kept_session_id": kept_session_id,
        "entry": account_changed(holder.person_id, "password"),
    }
    async with credential_change(engine, holder.person_id) as change:
        await change.lock_account()
        return await change.first(_CHANGE_PASSWORD, values) is not None
