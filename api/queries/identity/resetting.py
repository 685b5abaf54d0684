"""A new password for whoever reads the mail of an account; every session of it ends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from api.access.database import Database
from api.queries.identity.codes import PURGED, WOKEN
from api.queries.identity.registering import SentCode
from api.queries.identity.trail import NOTED, account_changed
from domain.identity.codes import CodeUse, life_s
from infra.identifiers import new_id
from infra.identity.parts import IdentityParts

_BEGIN = text(f"""
WITH {PURGED}, holder AS (
    SELECT account.person_id, person.email FROM account
    JOIN person ON person.person_id = account.person_id
    WHERE account.email_lookup = :email_lookup
), made AS (
    INSERT INTO verification_code (verification_id, purpose, person_id, address, expires_at)
    VALUES (:verification_id, 'password_reset', (SELECT person_id FROM holder),
        -- As it stands there: a new password is compared with it, and the address need not be kept
        -- of anybody who has no account.
        coalesce((SELECT email FROM holder), ''), now() + make_interval(secs => :life_s))
    RETURNING verification_id, expires_at
), told AS (
    INSERT INTO notification (audience, person_id, channel, address, kind, verification_id)
    SELECT 'account_holder', holder.person_id, 'mail', holder.email, 'account_reset_code',
        made.verification_id
    FROM made, holder
)
SELECT expires_at, {WOKEN} AS woken FROM made
""")  # noqa: S608 -- The parts are constants of ours.

_FINISH = text(f"""
WITH used AS (
    UPDATE verification_code SET used_at = now()
    WHERE verification_id = :verification_id AND used_at IS NULL
    RETURNING verification_id, person_id
), changed AS (
    UPDATE account SET password_hash = :password_hash, password_changed_at = now(),
        updated_at = now()
    FROM used WHERE account.person_id = used.person_id
    RETURNING account.person_id, account.email_lookup
), voided AS (
    UPDATE verification_code AS other SET used_at = now() FROM used
    WHERE other.person_id = used.person_id AND other.purpose = 'password_reset'
        AND other.verification_id <> used.verification_id AND other.used_at IS NULL
), ended AS (
    UPDATE session SET revoked_at = now(), revoked_because = 'password_reset' FROM changed
    WHERE session.person_id = changed.person_id AND session.revoked_at IS NULL
    RETURNING session.session_id
), closed AS (
    UPDATE access_token SET revoked_at = now() FROM ended
    WHERE access_token.session_id = ended.session_id
), told AS (
    INSERT INTO notification (audience, person_id, channel, address, kind)
    SELECT 'account_holder', person.person_id, 'mail', person.email, 'account_password_changed'
    FROM changed JOIN person ON person.person_id = changed.person_id WHERE person.email IS NOT NULL
    RETURNING 1
)
SELECT changed.email_lookup,
    (SELECT {WOKEN} FROM told) AS woken, {NOTED} AS noted
FROM changed
""")  # noqa: S608 -- The part is a constant of ours.


async def begin_reset(database: Database, parts: IdentityParts, email: str) -> SentCode:
    """Send a code for a new password to the address, if it has an account."""
    verification_id = new_id()
    values: dict[str, Any] = {
        "verification_id": verification_id,
        "email_lookup": parts.email_lookup(email),
        "life_s": life_s(CodeUse.PASSWORD_RESET, parts.policy.codes),
    }
    row = await database.first(_BEGIN, values)
    assert row is not None
    return SentCode(verification_id, row["expires_at"])


async def finish_reset(
    database: Database, verification_id: str, person_id: str, password_hash: str
) -> str | None:
    """Set the new password and end every session; none when the code was used up in between.

    Returns under what the account is found.
    """
    values = {
        "verification_id": verification_id,
        "password_hash": password_hash,
        "entry": account_changed(person_id, "password_reset"),
    }
    row = await database.first(_FINISH, values)
    return None if row is None else row["email_lookup"]
