"""Counts tries and sendings per subject, and makes whoever tries on wait longer and longer.

A try is counted before it is made, so that any number of them at once are as many tries; when the
count cannot be kept, nothing is tried.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from sqlalchemy import text

from api.access.database import Database
from api.edge.problems import EdgeCode, Problem
from domain.identity.policy import CodePolicy, GuessingPolicy, growing_wait_s

_DOUBLINGS = 20
"""Waits that are worked out beforehand: every policy has reached its longest one by then."""

_COUNT = text("""
WITH counted AS (
    INSERT INTO throttle AS kept (subject, count, blocked_until)
    VALUES (:subject, 1, now() + make_interval(secs => (CAST(:waits AS integer[]))[1]))
    ON CONFLICT (subject) DO UPDATE SET (count, counted_at, blocked_until) = (
        SELECT tries.total, now(),
            now() + make_interval(secs => (CAST(:waits AS integer[]))[least(tries.total, :known)])
        FROM (SELECT CASE WHEN kept.counted_at < now() - make_interval(secs => :forgotten_s)
            THEN 1 ELSE kept.count + 1 END AS total) AS tries
    )
    WHERE kept.blocked_until IS NULL OR kept.blocked_until <= now()
    RETURNING count
)
SELECT counted.count,
    (SELECT extract(epoch FROM blocked_until - now()) FROM throttle WHERE subject = :subject) AS left_s
FROM (SELECT 1) AS always LEFT JOIN counted ON true
""")


@dataclass(frozen=True, slots=True)
class Limit:
    """How many tries are free, and how the wait grows after them. Units: whole seconds."""

    free: int
    first_wait_s: int
    longest_wait_s: int
    forgotten_s: int

    def waits(self) -> list[int]:
        """Return the wait after each try, from the first one on; the last one is the longest."""
        return [
            growing_wait_s(count, self.free, self.first_wait_s, self.longest_wait_s)
            for count in range(1, self.free + _DOUBLINGS)
        ]


def of_guessing(policy: GuessingPolicy) -> Limit:
    """Return the limit on wrong passwords of one address."""
    return Limit(
        policy.free_failures, policy.first_wait_s, policy.longest_wait_s, policy.forgotten_s
    )


def of_sending(policy: CodePolicy) -> Limit:
    """Return the limit on codes to one address."""
    longest = policy.longest_wait_s
    return Limit(policy.free_sendings, policy.first_wait_s, longest, longest)


async def count_try(database: Database, subject: bytes, limit: Limit) -> None:
    """Count one try of a subject.

    Raises:
        Problem: `too_many_tries`, when the subject has to wait.
    """
    waits = limit.waits()
    values = {
        "subject": subject,
        "waits": waits,
        "known": len(waits),
        "forgotten_s": limit.forgotten_s,
    }
    row = await database.first(_COUNT, values)
    assert row is not None
    if row["count"] is None:
        wait_s = max(1, ceil(row["left_s"] or 1))
        raise Problem(
            EdgeCode.TOO_MANY_TRIES,
            f"There were too many tries. Try again in {wait_s} seconds.",
            headers={"Retry-After": str(wait_s)},
        )
