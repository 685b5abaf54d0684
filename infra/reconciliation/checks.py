"""Asks the database for what is stuck, held too long or broken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.ids import DeliveryId
from domain.ledger.totals import IN_CUSTODY
from domain.money import Money
from domain.offline.policy import OFFLINE
from domain.policies import ReconciliationPolicy
from domain.reconciliation.checks import (
    BrokenInvariant,
    MoneyHeld,
    StuckOperation,
    WaitingClaim,
)
from domain.reconciliation.lines import delivery_named
from infra.database.invariants import check_invariants

OPEN_OPERATIONS = """
payment_operation AS operation JOIN delivery USING (delivery_id)
WHERE operation.state IN ('sent', 'unknown') AND NOT (operation.kind = 'payout' AND EXISTS (
    SELECT FROM event WHERE event.delivery_id = operation.delivery_id
        AND event.kind = 'payout_skipped'))"""
"""What the provider was asked for and nobody knows the end of; a payout that was skipped is over."""

_STUCK = text(f"""
SELECT operation.operation_id, operation.kind, CAST(delivery_id AS text) AS delivery_id,
    coalesce(operation.attempt_sent_at, operation.first_sent_at) AS sent_at
FROM {OPEN_OPERATIONS}
    AND coalesce(operation.attempt_sent_at, operation.first_sent_at)
        < CAST(:now AS timestamptz) - CAST(:unknown_s_max AS integer) * interval '1 second'
    AND delivery.attention IS NULL
    AND NOT (delivery.status = 'payment_due'
        AND coalesce(operation.outcome, '') IN ('requires_action', 'pending'))
ORDER BY sent_at, operation.operation_id
""")  # noqa: S608 -- It is made of constants only.
"""A parked step has been told of already; a customer or a bank that takes time has a deadline."""

_HELD = text("""
WITH change AS (
    SELECT account.owner, account.currency, booked.number, booked.created_at,
        sum(-entry.amount_minor) OVER (
            PARTITION BY account.owner, account.currency ORDER BY booked.number
        ) AS held_minor
    FROM ledger_account AS account
    JOIN ledger_entry AS entry USING (account_id)
    JOIN ledger_transaction AS booked USING (transaction_id)
    WHERE account.kind = ANY(CAST(:kinds AS text[])) AND account.owner IN (
        SELECT owner FROM ledger_account
        WHERE kind = ANY(CAST(:kinds AS text[])) AND balance_minor > 0
    )
),
held AS (
    SELECT change.*, max(number) FILTER (WHERE held_minor = 0)
        OVER (PARTITION BY owner, currency) AS emptied
    FROM change
)
SELECT owner AS delivery_id, currency, min(created_at) AS since,
    (array_agg(held_minor ORDER BY number DESC))[1] AS held_minor
FROM held WHERE number > coalesce(emptied, 0)
GROUP BY owner, currency
HAVING min(created_at)
    < CAST(:now AS timestamptz) - CAST(:held_s_max AS integer) * interval '1 second'
ORDER BY since, owner
""")
"""Since nothing was held last: a payment that was voided and charged anew begins again."""


_CLAIMS = text("""
SELECT CAST(claim_id AS text) AS claim_id, CAST(delivery_id AS text) AS delivery_id, received_at
FROM custody_claim
WHERE state = 'pending' AND received_at
    < CAST(:now AS timestamptz) - CAST(:pending_s_max AS integer) * interval '1 second'
ORDER BY claim_id
""")


@dataclass(frozen=True, slots=True)
class StandingTrouble:
    """What lasts until somebody ends it."""

    stuck: tuple[StuckOperation, ...]
    held: tuple[MoneyHeld, ...]
    claims: tuple[WaitingClaim, ...] = ()


async def standing_trouble(
    connection: AsyncConnection, policy: ReconciliationPolicy, now: datetime
) -> StandingTrouble:
    """Return which operations are stuck, which money is held too long, and which claims wait."""
    stuck = {"now": now, "unknown_s_max": policy.unknown_operation_s_max}
    waiting = {"now": now, "pending_s_max": OFFLINE.pending_s_max}
    held = {"now": now, "held_s_max": policy.held_s_max, "kinds": sorted(IN_CUSTODY)}
    return StandingTrouble(
        tuple(
            StuckOperation(row.operation_id, row.kind, DeliveryId(row.delivery_id), row.sent_at)
            for row in await connection.execute(_STUCK, stuck)
        ),
        tuple(
            MoneyHeld(
                DeliveryId(row.delivery_id), Money(int(row.held_minor), row.currency), row.since
            )
            for row in await connection.execute(_HELD, held)
        ),
        tuple(
            WaitingClaim(row.claim_id, DeliveryId(row.delivery_id), row.received_at)
            for row in await connection.execute(_CLAIMS, waiting)
        ),
    )


async def broken_invariants(engine: AsyncEngine) -> tuple[BrokenInvariant, ...]:
    """Return everything that breaks an invariant, over the whole database."""
    report = await check_invariants(engine)
    return tuple(
        BrokenInvariant(
            each.invariant, each.subject, each.problem, delivery_named(each.delivery_id or "")
        )
        for each in report.violations
    )
