"""Sessions: opened, kept alive by refresh tokens, listed and ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text

from api.access.database import Database, Row
from api.queries.identity.codes import WOKEN
from api.queries.identity.trail import session_stolen
from domain.identity.policy import SessionPolicy
from infra.audit.trail import append_entry
from infra.database.tokens import session_lookup, token_hash
from infra.identifiers import new_id

UNCHANGED = """
unchanged AS (
    -- Whoever changes the password waits for this, or this for them.
    SELECT person_id FROM account WHERE person_id = :person_id AND password_changed_at
        <= coalesce(CAST(:password_since AS timestamptz), 'infinity') FOR SHARE
)"""
"""Finds the person unless the password was changed since it was shown."""
_OPEN = text(f"""
WITH {UNCHANGED}, superfluous AS (
    UPDATE session SET revoked_at = now(), revoked_because = 'too_many'
    WHERE session_id IN (
        SELECT session_id FROM session
        WHERE person_id = :person_id AND revoked_at IS NULL AND expires_at > now()
        ORDER BY last_seen_at DESC OFFSET :kept_max)
    RETURNING session_id
), closed AS (
    UPDATE access_token SET revoked_at = now() FROM superfluous
    WHERE access_token.session_id = superfluous.session_id
), opened AS (
    INSERT INTO session (session_id, person_id, device_name, user_agent_family, authenticated_by,
        second_factor_at, expires_at)
    SELECT :session_id, person_id, :device_name, :user_agent_family,
        CAST(:authenticated_by AS text[]), CASE WHEN :has_second_factor THEN now() END,
        now() + make_interval(secs => :absolute_s) FROM unchanged
    RETURNING session_id, person_id, expires_at
), credential AS (
    INSERT INTO access_token (token_hash, person_id, expires_at, kind, session_id)
    SELECT :lookup, person_id, expires_at, 'session', session_id FROM opened
)
INSERT INTO refresh_token (token_hash, session_id, sequence, expires_at)
SELECT :refresh_hash, session_id, 1, now() + make_interval(secs => :idle_s) FROM opened
RETURNING expires_at AS refresh_until, now() AS opened_at
""")  # noqa: S608 -- The part is a constant of ours.

_EXCHANGE = text("""
WITH spent AS (
    UPDATE refresh_token AS kept SET spent_at = now()
    FROM session
    WHERE kept.token_hash = :token_hash AND kept.spent_at IS NULL AND kept.expires_at > now()
        AND session.session_id = kept.session_id AND session.revoked_at IS NULL
        AND session.expires_at > now()
    RETURNING kept.session_id, kept.sequence, session.person_id, session.expires_at AS ends_at
), seen AS (
    UPDATE session SET last_seen_at = now() FROM spent WHERE session.session_id = spent.session_id
), pruned AS (
    DELETE FROM refresh_token AS old USING spent
    WHERE old.session_id = spent.session_id AND old.sequence <= spent.sequence - :spent_kept
), next AS (
    INSERT INTO refresh_token (token_hash, session_id, sequence, expires_at)
    SELECT :next_hash, session_id, sequence + 1,
        least(now() + make_interval(secs => :idle_s), ends_at) FROM spent
    RETURNING expires_at
)
SELECT CAST(spent.session_id AS text) AS session_id, CAST(spent.person_id AS text) AS person_id,
    next.expires_at AS refresh_until, now() AS exchanged_at
FROM spent, next
""")

_REPEAT = text(f"""
WITH shown AS (
    SELECT kept.session_id, session.person_id, next.expires_at AS refresh_until,
        -- Only the token right before the current one, and only for seconds: an answer was lost.
        (next.token_hash = :next_hash AND next.spent_at IS NULL AND next.expires_at > now()
            AND kept.spent_at > now() - make_interval(secs => :grace_s)) IS TRUE AS is_repeated
    FROM refresh_token AS kept
    JOIN session ON session.session_id = kept.session_id
    LEFT JOIN refresh_token AS next
        ON next.session_id = kept.session_id AND next.sequence = kept.sequence + 1
    WHERE kept.token_hash = :token_hash AND kept.spent_at IS NOT NULL
        AND session.revoked_at IS NULL AND session.expires_at > now()
), ended AS (
    UPDATE session SET revoked_at = now(), revoked_because = 'refresh_token_reused' FROM shown
    WHERE session.session_id = shown.session_id AND NOT shown.is_repeated
        AND session.revoked_at IS NULL
    RETURNING session.session_id, session.person_id
), closed AS (
    UPDATE access_token SET revoked_at = now() FROM ended
    WHERE access_token.session_id = ended.session_id
), told AS (
    INSERT INTO notification (audience, person_id, channel, address, kind)
    SELECT 'account_holder', person.person_id, 'mail', person.email, 'account_session_stolen'
    FROM ended JOIN person ON person.person_id = ended.person_id WHERE person.email IS NOT NULL
    RETURNING 1
)
SELECT CAST(shown.session_id AS text) AS session_id, CAST(shown.person_id AS text) AS person_id,
    shown.refresh_until, shown.is_repeated, now() AS exchanged_at,
    (SELECT {WOKEN} FROM told) AS woken
FROM shown
""")  # noqa: S608 -- The part is a constant of ours.

_SIGN_OUT = text("""
WITH ended AS (
    UPDATE session SET revoked_at = now(), revoked_because = 'signed_out' FROM refresh_token AS kept
    WHERE kept.token_hash = :token_hash AND session.session_id = kept.session_id
        AND session.revoked_at IS NULL
    RETURNING session.session_id
)
UPDATE access_token SET revoked_at = now() FROM ended
WHERE access_token.session_id = ended.session_id
""")


@dataclass(frozen=True, slots=True)
class Device:
    """What somebody signs in with, as far as it says."""

    name: str
    """What the person calls it."""
    user_agent_family: str
    """Which program it is, without versions."""


@dataclass(frozen=True, slots=True)
class OpenedSession:
    """A session with the token that keeps it alive."""

    session_id: str
    person_id: str
    refresh_token: str
    refresh_until: datetime
    at: datetime
    """The database's clock, which the access token goes by."""


async def open_session(
    database: Database,
    policy: SessionPolicy,
    *,
    person_id: str,
    device: Device,
    authenticated_by: Sequence[str],
    refresh_token: str,
    has_second_factor: bool = False,
    password_since: datetime | None = None,
) -> OpenedSession | None:
    """Open a session for somebody who has proved who they are.

    None is returned when they showed a password that was changed after `password_since`.

    The session that was used least lately ends when the person has too many.

    Shape: `authenticated_by` in the words of RFC 8176, as `pwd`.
    """
    session_id = new_id()
    values: dict[str, Any] = {
        "session_id": session_id,
        "person_id": person_id,
        "device_name": device.name,
        "user_agent_family": device.user_agent_family,
        "authenticated_by": list(authenticated_by),
        "has_second_factor": has_second_factor,
        "password_since": password_since,
        "lookup": session_lookup(session_id),
        "refresh_hash": token_hash(refresh_token),
        "kept_max": policy.sessions_max - 1,
        "absolute_s": policy.absolute_s,
        "idle_s": policy.idle_s,
    }
    row = await database.first(_OPEN, values)
    if row is None:
        return None
    return OpenedSession(
        session_id, person_id, refresh_token, row["refresh_until"], row["opened_at"]
    )


async def exchange(
    database: Database, policy: SessionPolicy, token: str, successor: str
) -> OpenedSession | None:
    """Exchange a refresh token for its successor; none when it is good for nothing.

    A token that was spent before ends its session, unless it is the one right before the current
    token and was spent seconds ago: then the same successor is given once more.

    Idempotency: one statement spends a token, so that of many exchanges at once one writes the
    successor, and the others are given the same.
    """
    tokens = {"token_hash": token_hash(token), "next_hash": token_hash(successor)}
    figures = {"idle_s": policy.idle_s, "spent_kept": policy.spent_kept}
    row = await database.first(_EXCHANGE, {**tokens, **figures})
    if row is None:
        row = await database.first(_REPEAT, {**tokens, "grace_s": policy.grace_s})
        if row is None:
            return None
        if not row["is_repeated"]:
            entry = session_stolen(row["person_id"], row["session_id"])
            async with database.connection() as connection:
                await append_entry(connection, entry)
            return None
    return _exchanged(row, successor)


async def sign_out(database: Database, token: str) -> None:
    """End the session that a refresh token belongs to; a token that is none changes nothing."""
    await database.run(_SIGN_OUT, {"token_hash": token_hash(token)})


def _exchanged(row: Row, successor: str) -> OpenedSession:
    return OpenedSession(
        row["session_id"], row["person_id"], successor, row["refresh_until"], row["exchanged_at"]
    )
