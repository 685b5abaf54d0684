"""Sign-ins that owe a second factor: each waits minutes, and takes a bounded number of tries."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import text

from api.access.database import Database, Row
from api.queries.identity.sessions import UNCHANGED, Device
from domain.identity.factors import FACTORS

_OWE = text(f"""
WITH {UNCHANGED}, expired AS (
    DELETE FROM pre_auth_token WHERE person_id = :person_id AND expires_at < now()
)
INSERT INTO pre_auth_token
    (token_hash, person_id, device_name, user_agent_family, authenticated_by, expires_at)
SELECT :token_hash, person_id, :device_name, :user_agent_family,
    CAST(:authenticated_by AS text[]), now() + make_interval(secs => :life_s) FROM unchanged
RETURNING expires_at
""")  # noqa: S608 -- The part is a constant of ours.
_TRY = text("""
UPDATE pre_auth_token SET failures = failures + 1
WHERE token_hash = :token_hash AND spent_at IS NULL AND expires_at > now()
    AND failures < :tries_max
RETURNING CAST(person_id AS text) AS person_id, device_name, user_agent_family, authenticated_by,
    created_at, failures
""")
_SPEND = text("""
UPDATE pre_auth_token SET spent_at = now()
WHERE token_hash = :token_hash AND spent_at IS NULL
RETURNING person_id
""")


async def owe_second_factor(
    database: Database,
    person_id: str,
    device: Device,
    authenticated_by: Sequence[str],
    *,
    token_hash: bytes,
    life_s: int,
    password_since: datetime | None,
) -> datetime | None:
    """Keep a sign-in that waits for a second factor, and return how long it waits.

    None is returned when its password was changed after `password_since`.
    """
    values: dict[str, Any] = {
        "token_hash": token_hash,
        "person_id": person_id,
        "device_name": device.name,
        "user_agent_family": device.user_agent_family,
        "authenticated_by": list(authenticated_by),
        "life_s": life_s,
        "password_since": password_since,
    }
    row = await database.first(_OWE, values)
    return None if row is None else row["expires_at"]


async def try_pre_auth(database: Database, token_hash: bytes) -> Row | None:
    """Count a try and return the sign-in that it is for, unless it is over.

    The try counts before it is looked at: as many at once as anybody likes are as many tries.
    """
    values = {"token_hash": token_hash, "tries_max": FACTORS.pre_auth_tries}
    return await database.first(_TRY, values)


async def spend_pre_auth(database: Database, token_hash: bytes) -> bool:
    """End a sign-in that has got its second factor; tell whether it was open until now."""
    return await database.first(_SPEND, {"token_hash": token_hash}) is not None
