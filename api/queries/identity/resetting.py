"""A new password for whoever reads the mail of an account; every session of it ends."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database
from api.queries.identity.codes import PURGED, WOKEN
from api.queries.identity.registering import SentCode
from api.queries.identity.trail import NOTED, account_changed
from domain.identity.codes import CodeUse, life_s
from domain.words.accounts import AccountNotice
from infra.identifiers import new_id
from infra.identity.changing import credential_change, shut_out
from infra.identity.parts import IdentityParts
from infra.notifications.holders import TOLD_AND_WOKEN, told_about

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
    -- The same rows are written for an address that has no account: nobody learns from the time.
    INSERT INTO notification (audience, person_id, channel, address, kind, verification_id, state)
    SELECT 'account_holder', holder.person_id, 'mail', coalesce(holder.email, ''),
        'account_reset_code', made.verification_id,
        CASE WHEN holder.email IS NULL THEN 'refused' ELSE 'queued' END
    FROM made LEFT JOIN holder ON true
)
SELECT expires_at, {WOKEN} AS woken FROM made
""")  # noqa: S608 -- The parts are constants of ours.

_WHAT_STAYS = """jsonb_build_object(
    'providers', coalesce((SELECT string_agg(DISTINCT provider, ', ') FROM linked_identity
        WHERE linked_identity.person_id = changed.person_id), 'none'),
    'passkeys', CAST((SELECT count(*) FROM passkey
        WHERE passkey.person_id = changed.person_id AND copied_at IS NULL) AS text),
    'keys', CAST((SELECT count(*) FROM access_token
        WHERE access_token.person_id = changed.person_id AND kind = 'api_key'
            AND revoked_at IS NULL AND expires_at > now()) AS text))"""
"""What else opens the account: it stays, for whoever has lost a password has not lost the rest, and the
mail says what to remove if it is not theirs."""
_FINISH = text(f"""
WITH used AS (
    UPDATE verification_code SET used_at = now()
    WHERE verification_id = :verification_id AND used_at IS NULL
    RETURNING verification_id, person_id
), changed AS (
    UPDATE account SET password_hash = :password_hash, password_changed_at = clock_timestamp(),
        updated_at = now()
    FROM used WHERE account.person_id = used.person_id
    RETURNING account.person_id, account.email_lookup
), voided AS (
    UPDATE verification_code AS other SET used_at = now() FROM used
    WHERE other.person_id = used.person_id
        AND other.verification_id <> used.verification_id AND other.used_at IS NULL
), {shut_out("changed", "true", because="password_reset")},
{told_about("changed", f"'{AccountNotice.PASSWORD_RESET}'", _WHAT_STAYS)}
SELECT changed.email_lookup, {TOLD_AND_WOKEN}, {NOTED} AS noted
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
    engine: AsyncEngine, verification_id: str, person_id: str, password_hash: str
) -> str | None:
    """Set the new password; none when the code was used up in between.

    Every session ends, and everything that was begun: sign-ins, setups of factors, other codes. What
    was there before and opens the account stays, and the person is told of it.

    Returns under what the account is found.
    """
    values = {
        "verification_id": verification_id,
        "password_hash": password_hash,
        "entry": account_changed(person_id, "password_reset"),
    }
    async with credential_change(engine, person_id) as change:
        await change.lock_account()
        row = await change.first(_FINISH, values)
    return None if row is None else row["email_lookup"]
