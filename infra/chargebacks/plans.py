"""What follows from the books while a chargeback is undecided, and after it was won."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.chargebacks import ChargebackOrder, RecallPlan
from domain.ledger import AccountKind, DeliveryBooks, recall_due
from domain.money import Money
from infra.chargebacks.payments import is_of_another_payment

_TRANSFERS = text("""
WITH charged AS (
    SELECT operation_id FROM payment_operation
    WHERE delivery_id = :delivery_id
        AND (operation_id = :charge_id OR kind = 'capture' AND source_operation_id = :charge_id)
),
sent AS (
    SELECT transfer.operation_id, transfer.state, transfer.method, transfer.created_at,
        transfer.amount_minor - coalesce((
            SELECT sum(back.amount_minor) FROM payment_operation AS back
            WHERE back.delivery_id = transfer.delivery_id AND back.kind = 'reversal'
                AND back.source_operation_id = transfer.operation_id AND back.state <> 'failed'
        ), 0) AS left_minor
    FROM payment_operation AS transfer
    LEFT JOIN payment_operation AS source
        ON source.operation_id = transfer.source_operation_id
        AND source.delivery_id = transfer.delivery_id
    WHERE transfer.delivery_id = :delivery_id AND transfer.kind = 'transfer'
        AND transfer.operation_id NOT LIKE '%:transfer:giver%'
        AND (transfer.source_operation_id IN (SELECT operation_id FROM charged)
            OR source.kind = 'reversal')
)
SELECT operation_id, state, method, left_minor FROM sent
WHERE state IN ('sent', 'unknown') OR state = 'succeeded' AND left_minor > 0
ORDER BY left_minor DESC, created_at
""")
"""What went to the traveler out of a charge, and out of what an earlier chargeback had recalled; not
what went to one who handed the parcel on."""

_DISPUTED_BESIDE = text("""
SELECT sum(withdrawn_minor) FROM chargeback
WHERE delivery_id = :delivery_id AND charge_operation_id <> :charge_id AND status <> 'lost'
""")
"""What is disputed of other payments of the delivery, which its traveler does not answer for."""

_IS_CLOSED = text("SELECT closed_at IS NOT NULL FROM delivery WHERE delivery_id = :delivery_id")


async def recall_plan(
    connection: AsyncConnection, order: ChargebackOrder, books: DeliveryBooks
) -> RecallPlan:
    """Return what to take back; nothing when the platform bears the loss, or all of it is held.

    What was paid on top stays the traveler's: nobody owes a tip, and extra costs are spent.
    """
    if await is_of_another_payment(connection, order.chargeback_id):
        return RecallPlan(False, Money(0, order.currency))
    asked = {"delivery_id": order.delivery_id, "charge_id": order.charge_operation_id}
    rows = (await connection.execute(_TRANSFERS, asked)).all()
    is_under_way = any(row.state != "succeeded" for row in rows)
    sent = next((row for row in rows if row.state == "succeeded"), None)
    beside = await connection.scalar(_DISPUTED_BESIDE, asked)
    withdrawn = books.on(AccountKind.DISPUTED_FUNDS) - Money(int(beside or 0), order.currency)
    due = recall_due(books, withdrawn)
    if sent is None:
        return RecallPlan(is_under_way, Money(0, order.currency))
    amount = Money(min(due.amount_minor, int(sent.left_minor)), order.currency)
    return RecallPlan(is_under_way, amount, sent.operation_id, sent.method)


async def payout_plan(
    connection: AsyncConnection, order: ChargebackOrder, books: DeliveryBooks
) -> Money:
    """Return what the chargeback is to pay out; while it is open, the delivery does that itself."""
    is_closed = await connection.scalar(_IS_CLOSED, {"delivery_id": order.delivery_id})
    return books.with_traveler if is_closed else Money(0, order.currency)
