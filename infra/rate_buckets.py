"""Takes tokens from buckets in PostgreSQL, so that all replicas of the API count together."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import TextClause, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine
from sqlalchemy.types import Double, Integer, LargeBinary, Text

from domain.identity.limits import Bucket
from infra.database.engine import create_engine

CONNECTIONS = 2
"""Counting waits in a line of its own: it must not take connections from what is counted."""
STATEMENT_MS_MAX = 1_000
"""A bucket that takes longer than this is as good as away."""
OF_PERSON = "{person}"
"""Stands in the name of a bucket for the person whose credential came with the request."""

_FILLED = """least(excluded.burst, kept.tokens + excluded.given_back + excluded.per_s
    * greatest(0, extract(epoch FROM excluded.filled_at - kept.filled_at)))"""
"""What a bucket holds now."""
_STATEMENT = """
    WITH who AS (
        SELECT person_id::text AS subject FROM access_token
        WHERE token_hash = :lookup AND revoked_at IS NULL AND expires_at > now()
    ), wanted AS (
        SELECT replace(name, '{person}', coalesce((SELECT subject FROM who), '')) AS key,
            name, burst, per_s, lease, given_back
        FROM unnest(:names, :bursts, :rates, :leases, :given_back)
            AS asked (name, burst, per_s, lease, given_back)
        WHERE name NOT LIKE '%{person}%' OR EXISTS (SELECT FROM who)
    ), taken AS (
        INSERT INTO rate_bucket AS kept
            (key, burst, per_s, tokens, granted, given_back, filled_at)
        SELECT key, burst, per_s, burst - lease, lease, given_back, now()
        FROM wanted ORDER BY key
        ON CONFLICT (key) DO UPDATE SET
            burst = excluded.burst, per_s = excluded.per_s, given_back = excluded.given_back,
            filled_at = greatest(kept.filled_at, excluded.filled_at),
            granted = least(excluded.granted, floor(<filled>)),
            tokens = <filled> - least(excluded.granted, floor(<filled>))
        RETURNING key, granted, tokens
    )
    SELECT wanted.name, taken.granted, taken.tokens, (SELECT subject FROM who) AS subject
    FROM taken JOIN wanted USING (key)
"""
_TAKE: TextClause = text(_STATEMENT.replace("<filled>", _FILLED)).bindparams(
    bindparam("lookup", type_=LargeBinary),
    bindparam("names", type_=ARRAY(Text)),
    bindparam("bursts", type_=ARRAY(Integer)),
    bindparam("rates", type_=ARRAY(Double)),
    bindparam("leases", type_=ARRAY(Integer)),
    bindparam("given_back", type_=ARRAY(Integer)),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A bucket from which tokens are wanted."""

    name: str
    """Its key; may hold `OF_PERSON`."""
    bucket: Bucket
    given_back: int = 0
    """Tokens of an earlier lease that nobody spent."""


@dataclass(frozen=True, slots=True)
class Granted:
    """Tokens that were taken from one bucket."""

    tokens: int
    """How many may be spent; none means to wait."""
    left: float
    """How many the bucket still holds for others."""
    subject: str | None
    """The person whose credential came with the request; none when it is no good."""

    def wait_s(self, bucket: Bucket) -> int:
        """Return after how many seconds there is a token again."""
        return max(1, math.ceil((1 - self.left) / bucket.per_s))


class RateBuckets:
    """The buckets of all replicas: each call is one statement, however many buckets it takes from."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine.execution_options(isolation_level="AUTOCOMMIT")

    @classmethod
    def at(cls, database_url: str) -> RateBuckets:
        """Return the buckets of a database, with connections of their own."""
        return cls(
            create_engine(
                database_url,
                application_name="sendalong-limits",
                connections=CONNECTIONS,
                statement_ms_max=STATEMENT_MS_MAX,
            )
        )

    async def take(self, asked: Sequence[Asked], lookup: bytes | None) -> dict[str, Granted]:
        """Take a lease from each bucket, by its name; those of a person only with a good credential."""
        values: dict[str, Any] = {
            "lookup": lookup,
            "names": [each.name for each in asked],
            "bursts": [each.bucket.burst for each in asked],
            "rates": [each.bucket.per_s for each in asked],
            "leases": [each.bucket.lease for each in asked],
            "given_back": [each.given_back for each in asked],
        }
        async with self._engine.connect() as connection:
            rows = (await connection.execute(_TAKE, values)).all()
        return {row.name: Granted(row.granted, row.tokens, row.subject) for row in rows}

    async def close(self) -> None:
        """Close the connections."""
        await self._engine.dispose()
