"""Everything that is booked for one delivery, for bookings that depend on it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import DeliveryId
from domain.ledger import DeliveryBooks
from domain.money import Money
from infra.database.ledger import transactions_of

_UNDER_WAY = text("""
SELECT
    coalesce(sum(amount_minor) FILTER (
        WHERE kind = 'payout' AND operation_id NOT LIKE '%:payout:giver'), 0) AS payouts_minor,
    coalesce(sum(amount_minor + fee_minor) FILTER (WHERE kind IN ('refund', 'transfer')
        AND NOT beyond_held AND source_operation_id <> ''
        AND (escrow IN ('releasing', 'refunding', 'splitting')
            OR operation_id LIKE '%:transfer:giver%')), 0) AS draws_minor,
    (SELECT CAST(traveler_id AS text) FROM delivery WHERE delivery_id = :delivery_id) AS traveler_id
FROM payment_operation JOIN delivery USING (delivery_id)
WHERE delivery_id = :delivery_id AND state IN ('sent', 'unknown')
    AND payment_operation.currency = :currency
""")
"""What is asked for at the provider and not booked; of tips nothing leaves the held payment."""


async def books_of(
    connection: AsyncConnection, delivery_id: DeliveryId, currency: str
) -> DeliveryBooks:
    """Return the books of a delivery; whoever books by them holds its row locked."""
    asked = {"delivery_id": delivery_id, "currency": currency}
    under_way = (await connection.execute(_UNDER_WAY, asked)).one()
    booked = await transactions_of(connection, delivery_id)
    return DeliveryBooks(
        booked,
        Money(int(under_way.payouts_minor), currency),
        draws_under_way=Money(int(under_way.draws_minor), currency),
        traveler_id=under_way.traveler_id,
    )
