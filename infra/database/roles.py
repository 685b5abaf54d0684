"""The two roles at the database: its owner migrates, and the application cannot rewrite the past.

PostgreSQL itself refuses the application what the triggers refuse everybody: an owner could drop a
trigger first, the application cannot.
"""

from __future__ import annotations

import logging
from pathlib import Path

from sqlalchemy import Connection, make_url, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine

APPLICATION = "sendalong_application"
"""As whom API, worker and command line connect."""
OWNER_VARIABLE = "DATABASE_OWNER_URL"
"""Names the same database for its owner, where the application is somebody else."""
GRANTS = Path(__file__).parent / "migrations" / "sql" / "grants.sql"
_CAN_REWRITE = text("""
SELECT coalesce(bool_or(
    has_table_privilege(kept.oid, 'UPDATE, DELETE, TRUNCATE')
    OR pg_has_role(kept.relowner, 'MEMBER')), false)
FROM pg_class AS kept
WHERE kept.oid IN (to_regclass('event'), to_regclass('audit_entry'), to_regclass('audit_root'),
    to_regclass('audit_leaf'), to_regclass('ledger_transaction'), to_regclass('ledger_entry'))
""")
_TOO_POWERFUL = (
    "The role at the database can rewrite the audit and the ledger. Connect as "
    f"{APPLICATION} (DATABASE_URL), and name the owner for migrations only ({OWNER_VARIABLE}): "
    "see docs/audit.md."
)

logger = logging.getLogger(__name__)


class RoleTooPowerful(RuntimeError):
    """Whoever takes this process over could rewrite the past: it does not start."""


def grant_to_application(connection: Connection) -> None:
    """Give the application what it needs of every table and function, and no more.

    Call it after the migrations: tables are found by what they are, so a new one needs no line here.

    Idempotency: any number of times.
    """
    driver_connection = connection.connection.driver_connection
    assert driver_connection is not None
    driver_connection.execute(GRANTS.read_text(encoding="utf-8"))


def application_url(database_url: str) -> str:
    """Return the address of a database for the application, where the server trusts this machine.

    That is so for the embedded one; another server wants the role's own password.
    """
    url = make_url(database_url).set(username=APPLICATION)
    return url.render_as_string(hide_password=False)


async def can_rewrite(engine: AsyncEngine) -> bool:
    """Tell whether whoever is connected could rewrite what is kept for ever.

    So can who owns one of these tables, for an owner can drop its guards.
    """
    async with engine.connect() as connection:
        return bool(await connection.scalar(_CAN_REWRITE))


async def require_restricted(engine: AsyncEngine, *, moves_real_money: bool) -> None:
    """Check, before a process serves anybody, that its role cannot rewrite the past.

    With play money it is a warning: whoever tries things out may have one role only. A database that
    cannot be asked is no reason to stop: nobody rewrites it either.

    Raises:
        RoleTooPowerful: it can, and real money is moved.
    """
    try:
        is_too_powerful = await can_rewrite(engine)
    except (DBAPIError, OSError) as trouble:
        logger.warning("the role at the database was not checked: %s", type(trouble).__name__)
        return
    if is_too_powerful and moves_real_money:
        raise RoleTooPowerful(_TOO_POWERFUL)
    if is_too_powerful:
        logger.warning(_TOO_POWERFUL)
