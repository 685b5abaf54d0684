"""Forgets what only serves requests: old keys, buckets that are full again, and where people were."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import TextClause, text
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from domain.devices.policy import DEVICES
from domain.forgetting import ForgettingPolicy, Forgotten
from domain.ids import FORGETTING_ID
from infra.schedules import Round, keep_schedule

# A row that a request holds at this moment is left for the next round.
_KEYS = text("""
DELETE FROM idempotent_request WHERE (person_id, key) IN (
    SELECT person_id, key FROM idempotent_request
    WHERE created_at < now() - make_interval(secs => :keys_s)
    LIMIT :rows FOR UPDATE SKIP LOCKED
)
""")
# A bucket that is full says as much as none, and its key may be the address of somebody's network.
_BUCKETS = text("""
DELETE FROM rate_bucket WHERE key IN (
    SELECT key FROM rate_bucket
    WHERE filled_at < now() - make_interval(secs => (burst - tokens) / per_s)
    LIMIT :rows FOR UPDATE SKIP LOCKED
)
""")
_ATTEMPTS = text("""
DELETE FROM scan_attempt WHERE attempt_id IN (
    SELECT attempt_id FROM scan_attempt
    WHERE attempted_at < now() - make_interval(secs => :attempts_s)
    LIMIT :rows FOR UPDATE SKIP LOCKED
)
""")

# That somebody was there stays, and what their passkey has signed; where that was has been compared.
_PLACES = text("""
UPDATE presence SET latitude = NULL, longitude = NULL, accuracy_m = NULL
WHERE (delivery_id, purpose, person_id) IN (
    SELECT delivery_id, purpose, person_id FROM presence
    WHERE latitude IS NOT NULL AND verified_at < now() - make_interval(secs => :places_s)
    LIMIT :rows FOR UPDATE SKIP LOCKED
)
""")


class DatabaseForgetting:
    """The `Forgetting` in PostgreSQL: short transactions, and never more than a round's share."""

    def __init__(self, engine: AsyncEngine, policy: ForgettingPolicy | None = None) -> None:
        self._engine = engine
        self._policy = policy or ForgettingPolicy()

    async def forget(self) -> Forgotten:
        """Remove what has served, in batches.

        Idempotency: a repetition goes on where the last one was interrupted.
        """
        keys = await self._remove(_KEYS, {"keys_s": self._policy.keys_s})
        places = await self._remove(_PLACES, {"places_s": DEVICES.places_s})
        buckets = await self._remove(_BUCKETS, {})
        attempts = await self._remove(_ATTEMPTS, {"attempts_s": self._policy.attempts_s})
        return Forgotten(keys, buckets, places, attempts)

    async def _remove(self, statement: TextClause, values: Mapping[str, Any]) -> int:
        total = 0
        for _ in range(self._policy.batches_max):
            async with self._engine.begin() as connection:
                answer = await connection.execute(
                    statement, {**values, "rows": self._policy.batch_rows}
                )
            total += answer.rowcount
            if answer.rowcount < self._policy.batch_rows:
                break
        return total


async def schedule_forgetting(client: Client) -> None:
    """Have forgotten at every hour what has served."""
    policy = ForgettingPolicy()
    forgetting = Round(
        workflow="forgetting",
        round_id=FORGETTING_ID,
        summary="Forgets old idempotency keys, full buckets of requests, and where people were",
        every_s=policy.every_s,
        catch_up_s=policy.catch_up_s,
        run_s_max=policy.run_s_max,
    )
    await keep_schedule(client, forgetting)
