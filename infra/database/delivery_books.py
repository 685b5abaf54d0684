"""Everything that is booked for one delivery, for bookings that depend on it."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import DeliveryId
from domain.ledger import DeliveryBooks
from domain.money import Money
from infra.database.ledger import transactions_of

_UNDER_WAY = text("""
SELECT coalesce(sum(amount_minor), 0) FROM payment_operation
WHERE delivery_id = :delivery_id AND kind = 'payout' AND state IN ('sent', 'unknown')
    AND currency = :currency
""")


async def books_of(
    connection: AsyncConnection, delivery_id: DeliveryId, currency: str
) -> DeliveryBooks:
    """Return the books of a delivery; whoever books by them holds its row locked."""
    asked = {"delivery_id": delivery_id, "currency": currency}
    under_way = await connection.scalar(_UNDER_WAY, asked)
    booked = await transactions_of(connection, delivery_id)
    return DeliveryBooks(booked, Money(int(under_way or 0), currency))
