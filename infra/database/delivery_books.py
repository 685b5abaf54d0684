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
        AND NOT EXISTS (
            SELECT FROM correction WHERE correction.delivery_id = payment_operation.delivery_id
                AND payment_operation.source_operation_id
                    = correction.delivery_id || ':charge:' || correction.correction_id
        )
        AND (escrow IN ('releasing', 'refunding', 'splitting')
            OR operation_id LIKE '%:transfer:giver%')), 0) AS draws_minor,
    (SELECT CAST(traveler_id AS text) FROM delivery WHERE delivery_id = :delivery_id) AS traveler_id
FROM payment_operation JOIN delivery USING (delivery_id)
WHERE delivery_id = :delivery_id AND state IN ('sent', 'unknown')
    AND payment_operation.currency = :currency
""")
"""What is asked for at the provider and not booked; of tips and extra costs, which have charges of
their own, nothing leaves the held payment."""

_OF_OTHERS = text("""
SELECT coalesce(sum(amount_minor), 0) FROM payment_operation
WHERE delivery_id = :delivery_id AND currency = :currency AND kind = 'payout' AND state = 'intent'
    AND split_part(operation_id, ':', 3) !~ '^(giver|[0-9]*)$'
""")
"""Payouts to the traveler that corrections and chargebacks are about to ask for."""


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


async def left_to_pay_out(
    connection: AsyncConnection, delivery_id: DeliveryId, currency: str
) -> Money:
    """Return what is surely still on the traveler's account, without what others will pay out."""
    asked = {"delivery_id": delivery_id, "currency": currency}
    of_others = Money(int(await connection.scalar(_OF_OTHERS, asked) or 0), currency)
    left = (await books_of(connection, delivery_id, currency)).with_traveler - of_others
    return left if left.amount_minor > 0 else Money(0, currency)
