"""The records of chargebacks: one call, one transaction."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from domain.chargebacks import (
    DECIDED,
    ChargebackBooks,
    ChargebackChange,
    ChargebackOrder,
    ChargebackStatus,
    RecallPlan,
)
from domain.money import Money
from infra.chargebacks.booking import book_change, sums_of
from infra.chargebacks.plans import payout_plan, recall_plan
from infra.database.attention import raise_in, settle_in
from infra.database.delivery_books import books_of
from infra.database.records import DatabaseRecords

SETTLED_BY_ITSELF = "The chargeback has moved on."

_ROW = text("""
SELECT chargeback.status, chargeback.currency, evidence_sha256, evidence_submitted_at, (
        SELECT sent.method FROM payment_operation AS recall
        JOIN payment_operation AS sent ON sent.operation_id = recall.source_operation_id
        WHERE recall.operation_id = CAST(chargeback.delivery_id AS text) || ':reversal:'
            || CAST(chargeback.chargeback_id AS text)
    ) AS account, CAST(delivery.traveler_id AS text) AS traveler_id
FROM chargeback JOIN delivery USING (delivery_id) WHERE chargeback_id = :chargeback_id
""")
_STAND = text("""
UPDATE chargeback SET
    status = :status,
    withdrawn_minor = :withdrawn_minor, fee_minor = :fee_minor,
    taken_from_held_minor = :taken_from_held_minor, recalled_minor = :recalled_minor,
    deadline_kind = CAST(:deadline_kind AS text),
    deadline_at = CAST(:deadline_at AS timestamptz), attention = CAST(:attention AS text),
    updated_at = greatest(updated_at, CAST(:at AS timestamptz)),
    decided_at = CASE WHEN CAST(:is_decided AS boolean)
        THEN coalesce(decided_at, CAST(:at AS timestamptz)) END
WHERE chargeback_id = :chargeback_id
""")
_DESCRIBE = text("""
UPDATE chargeback SET reason = :reason, amount_minor = :amount_minor,
    due_by = CAST(:due_by AS timestamptz)
WHERE chargeback_id = :chargeback_id
""")
_EVIDENCE = text("""
UPDATE chargeback SET evidence_sha256 = :sha256, evidence_staged_at = CAST(:at AS timestamptz),
    evidence_submitted_at = CASE WHEN CAST(:is_submitted AS boolean)
        THEN coalesce(evidence_submitted_at, CAST(:at AS timestamptz)) END
WHERE chargeback_id = :chargeback_id
""")
_HOLD_BACK = text("""
SELECT operation_id FROM payment_operation
WHERE delivery_id = :delivery_id AND kind IN ('refund', 'transfer', 'payout') FOR UPDATE
""")
"""Waits for whoever is noting just now that money is about to be sent; the next one sees the row."""


class DatabaseChargebacks:
    """Port `ChargebackRecords` on PostgreSQL."""

    def __init__(self, engine: AsyncEngine, records: DatabaseRecords) -> None:
        self._engine = engine
        self._records = records

    async def books(self, order: ChargebackOrder) -> ChargebackBooks:
        """Return what is booked and written of a chargeback so far."""
        async with self._engine.connect() as connection:
            return await _books(connection, order.chargeback_id)

    async def write(self, change: ChargebackChange) -> ChargebackBooks:
        """Write one change: event, bookings, row and what staff must look at; return the books.

        Raises:
            Refusal: `escrow_conflict` when the books do not allow it.
        """
        async with self._engine.begin() as connection:
            if change.event is not None:
                await self._records.write_late(connection, change.event)
            if change.booking is not None:
                await connection.execute(_HOLD_BACK, {"delivery_id": change.delivery_id})
                await book_change(connection, change)
            await _write_row(connection, change)
            for item in change.raises:
                await raise_in(connection, item)
            for key in change.settles:
                await settle_in(connection, key, None, SETTLED_BY_ITSELF)
            return await _books(connection, change.chargeback_id)

    async def plan_recall(self, order: ChargebackOrder) -> RecallPlan:
        """Return what to take back from the traveler, by what is booked and asked for now."""
        async with self._engine.connect() as connection:
            books = await books_of(connection, order.delivery_id, order.currency)
            return await recall_plan(connection, order, books)

    async def plan_payout(self, order: ChargebackOrder) -> Money:
        """Return what is to be paid out once the payment was released again."""
        async with self._engine.connect() as connection:
            books = await books_of(connection, order.delivery_id, order.currency)
            return await payout_plan(connection, order, books)


async def _books(connection: AsyncConnection, chargeback_id: str) -> ChargebackBooks:
    row = (await connection.execute(_ROW, {"chargeback_id": chargeback_id})).one()
    sums = await sums_of(connection, chargeback_id)
    return ChargebackBooks(
        status=row.status,
        taken=Money(sums.taken_minor, row.currency),
        returned=Money(sums.returned_minor, row.currency),
        fee=Money(sums.fee_minor, row.currency),
        lost=Money(sums.lost_minor, row.currency),
        taken_from_held=Money(sums.taken_from_held_minor, row.currency),
        recalled=Money(sums.recalled_minor, row.currency),
        account=row.account or "",
        evidence_sha256=row.evidence_sha256 or "",
        is_submitted=row.evidence_submitted_at is not None,
        traveler_id=row.traveler_id,
    )


async def _write_row(connection: AsyncConnection, change: ChargebackChange) -> None:
    place = {"chargeback_id": change.chargeback_id}
    dispute, evidence = change.dispute, change.evidence
    if dispute is not None:
        described: dict[str, Any] = {
            "reason": dispute.reason,
            "amount_minor": dispute.amount.amount_minor,
            "due_by": dispute.due_by,
        }
        await connection.execute(_DESCRIBE, place | described)
    if evidence is not None:
        there = {"sha256": evidence.sha256, "at": evidence.at}
        await connection.execute(_EVIDENCE, place | there | {"is_submitted": evidence.is_submitted})
    sums = await sums_of(connection, change.chargeback_id)
    status = ChargebackStatus(change.status)
    stands: dict[str, Any] = {
        "status": status.value,
        "withdrawn_minor": sums.taken_minor - sums.returned_minor,
        "fee_minor": sums.fee_minor,
        "taken_from_held_minor": sums.taken_from_held_minor,
        "recalled_minor": sums.recalled_minor,
        "deadline_kind": change.deadline_kind,
        "deadline_at": change.deadline_at,
        "attention": change.attention,
        "at": change.at,
        "is_decided": status in DECIDED,
    }
    await connection.execute(_STAND, place | stands)
