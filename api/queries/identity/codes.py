"""Rows of codes that prove an address: each can be tried a bounded number of times."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from api.access.database import Database, Row
from api.edge.problems import Problem
from domain.errors import RefusalCode
from domain.identity.codes import CodeUse, derive_verification_code, is_code
from infra.encryption.people import PERSON_KEY, person_key_sql
from infra.identity.parts import IdentityParts
from infra.notifications.holders import WOKEN

__all__ = ["PURGED", "WOKEN", "try_code", "wrong_code"]

PURGED = """
purged AS (
    DELETE FROM verification_code WHERE verification_id IN (
        SELECT verification_id FROM verification_code
        WHERE expires_at < now() - interval '1 day'
        ORDER BY expires_at LIMIT 20 FOR UPDATE SKIP LOCKED)
    RETURNING verification_id
), given_up AS (
    DELETE FROM data_key USING registration, purged
    WHERE registration.verification_id = purged.verification_id
        AND owner_kind = 'person' AND owner_id = CAST(registration.person_id AS text)
), forgotten AS (
    DELETE FROM throttle WHERE subject IN (
        SELECT subject FROM throttle
        WHERE counted_at < now() - interval '2 days'
            AND (blocked_until IS NULL OR blocked_until < now())
        ORDER BY counted_at LIMIT 20 FOR UPDATE SKIP LOCKED)
)"""
"""Every new code takes some old ones away, with the keys of those who have never finished registering,
and tries that nobody added to for longer than any wait: what was typed into forms is not kept for
ever."""

_TRY = text(f"""
WITH tried AS (
    UPDATE verification_code SET failures = failures + 1
    WHERE verification_id = :verification_id AND purpose = :purpose AND used_at IS NULL
        AND expires_at > now() AND failures < :failures_max
    RETURNING verification_id
)
SELECT kept.used_at IS NOT NULL AS is_used, kept.expires_at <= now() AS has_expired,
    CAST(kept.person_id AS text) AS person_id, kept.address_lookup,
    CASE kept.purpose WHEN 'password_reset' THEN kept.address END AS email,
    {person_key_sql("kept.person_id")} AS {PERSON_KEY}, EXISTS (SELECT FROM tried) AS is_open,
    kept.failures >= :failures_max AS is_locked
FROM verification_code AS kept
WHERE kept.verification_id = :verification_id AND kept.purpose = :purpose
""")  # noqa: S608 -- The parts are constants of ours.


async def try_code(
    database: Database, parts: IdentityParts, use: CodeUse, verification_id: str, typed: str
) -> Row:
    """Return the row of a code that was typed correctly.

    The try is counted before the code is compared: as many at once as anybody likes are as many
    tries. The row is not used up yet; the statement that acts on it does that.

    Raises:
        Problem: `code_wrong`, `code_expired`, `code_locked` or `code_already_used`.
    """
    values: dict[str, Any] = {
        "verification_id": verification_id,
        "purpose": use,
        "failures_max": parts.policy.codes.failures_max,
    }
    row = await database.first(_TRY, values)
    if row is not None and not (row["is_open"] or _is_over(row)):
        # Somebody was quicker while this waited for them: how the code stands now is read anew.
        row = await database.first(_TRY, values)
    if row is None:
        raise wrong_code()
    if row["is_used"]:
        raise Problem(RefusalCode.CODE_ALREADY_USED, "This code has been used. Ask for another.")
    if row["has_expired"]:
        raise Problem(RefusalCode.CODE_EXPIRED, "This code has expired. Ask for another.")
    if not row["is_open"]:
        raise Problem(
            RefusalCode.CODE_LOCKED, "There were too many wrong tries. Ask for another code."
        )
    if not is_code(derive_verification_code(parts.code_key, verification_id, use), typed):
        raise wrong_code()
    return row


def _is_over(row: Row) -> bool:
    return bool(row["is_used"] or row["has_expired"] or row["is_locked"])


def wrong_code() -> Problem:
    """Return the answer for a code that is wrong, whatever else it might have opened."""
    return Problem(RefusalCode.CODE_WRONG, "This code is wrong.")
