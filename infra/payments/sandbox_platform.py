"""What the platform itself has at the sandbox provider."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

BALANCES = text("""
SELECT currency, sum(has_minor) AS has_minor FROM (
    SELECT currency, amount_minor - refunded_minor - transferred_minor AS has_minor
    FROM sandbox_charge WHERE status = 'succeeded'
    UNION ALL SELECT currency, reversed_minor FROM sandbox_transfer
    UNION ALL SELECT sent.currency, -sent.amount_minor
    FROM sandbox_transfer AS sent JOIN sandbox_operation AS moved USING (operation_id)
    WHERE moved.charge_id = ''
    UNION ALL SELECT currency, returned_minor - taken_minor - fee_minor FROM sandbox_dispute
) AS held
GROUP BY currency
""")
"""From its charges, transfers and disputes: the statement must come to the same by another way."""

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtext('sandbox_platform'))")


async def platform_balance(connection: AsyncConnection, currency: str) -> int:
    """Return what the platform has of a currency, in minor units, while nobody else takes of it."""
    await connection.execute(_ONE_AT_A_TIME)
    rows = await connection.execute(BALANCES)
    return next((int(row.has_minor) for row in rows if row.currency == currency), 0)
