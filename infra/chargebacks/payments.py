"""Which payment of a delivery a chargeback is about."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

_IS_OF_ANOTHER_PAYMENT = text("""
SELECT chargeback.charge_operation_id NOT IN (last.operation_id, last.source_operation_id)
FROM chargeback
CROSS JOIN LATERAL (
    SELECT charge.operation_id, charge.source_operation_id
    FROM ledger_transaction AS booked
    JOIN payment_operation AS charge ON charge.operation_id = booked.key
    WHERE booked.delivery_id = chargeback.delivery_id AND booked.kind = 'charge'
        AND charge.kind IN ('charge', 'capture')
    ORDER BY booked.number DESC
    LIMIT 1
) AS last
WHERE chargeback_id = CAST(:chargeback_id AS uuid)
""")


async def is_of_another_payment(connection: AsyncConnection, chargeback_id: str) -> bool:
    """Tell whether a chargeback is about another payment than the price that the delivery holds now.

    A tip and extra costs have charges of their own. A delivery that was opened again holds another
    payment; the disputed one went back to its customer.
    """
    asked = {"chargeback_id": chargeback_id}
    return bool(await connection.scalar(_IS_OF_ANOTHER_PAYMENT, asked))
