"""Accounts as whoever signs in needs them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from api.access.database import Database
from infra.database.schema import account, person, throttle

_BY_EMAIL = (
    select(
        account.c.person_id, account.c.password_hash, account.c.password_changed_at, person.c.roles
    )
    .join(person, person.c.person_id == account.c.person_id)
    .where(account.c.email_lookup == bindparam("lookup", type_=account.c.email_lookup.type))
)

_FORGIVE = delete(throttle).where(
    throttle.c.subject == bindparam("counted", type_=throttle.c.subject.type)
)

_REHASH = (
    update(account)
    .where(
        account.c.person_id == bindparam("holder_id", type_=account.c.person_id.type),
        # Somebody may have changed the password in between.
        account.c.password_hash == bindparam("outdated", type_=account.c.password_hash.type),
    )
    .values(password_hash=bindparam("renewed", type_=account.c.password_hash.type))
)


@dataclass(frozen=True, slots=True)
class KnownAccount:
    """An account that was found by its e-mail address."""

    person_id: str
    password_hash: str | None
    roles: tuple[str, ...]
    password_since: datetime
    """Since when the password is this one."""


async def account_at(database: Database, email_lookup: str) -> KnownAccount | None:
    """Return the account of an e-mail address, if it has one."""
    row = await database.first(_BY_EMAIL, {"lookup": email_lookup})
    if row is None:
        return None
    return KnownAccount(
        row["person_id"], row["password_hash"], tuple(row["roles"]), row["password_changed_at"]
    )


async def forgive(database: Database, subject: bytes) -> None:
    """Forget the tries of a subject that has shown what it should."""
    await database.run(_FORGIVE, {"counted": subject})


async def renew_hash(database: Database, person_id: str, outdated: str, renewed: str) -> None:
    """Keep the same password under a hash with the parameters of today."""
    values = {"holder_id": person_id, "outdated": outdated, "renewed": renewed}
    await database.run(_REHASH, values)
