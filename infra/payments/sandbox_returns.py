"""Payouts that come back to the sandbox provider from a traveler's bank."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.payment_ports import ProviderRefused

_RETURN = text("""
WITH paid AS (
    SELECT operation_id, amount_minor, currency FROM sandbox_operation
    WHERE operation_id = :operation_id AND kind = 'payout'
),
returned AS (
    INSERT INTO sandbox_refund (operation_id, status, detail)
    SELECT operation_id, 'declined', :detail FROM paid
    ON CONFLICT DO NOTHING
    RETURNING operation_id
)
UPDATE sandbox_account AS account SET balance_minor = account.balance_minor + paid.amount_minor
FROM paid JOIN returned USING (operation_id)
WHERE account.account = :account AND account.currency = paid.currency
""")
_WRITE_LINE = text("""
SELECT sandbox_write_line(paid, 'payout', paid.amount_minor)
FROM sandbox_operation AS paid WHERE paid.operation_id = :operation_id
""")


async def return_payout(
    connection: AsyncConnection, operation_id: str, account: str, code: str
) -> None:
    """Put a payout back on the account that it left; it is declined from then on.

    Raises:
        ProviderRefused: there is no such payout, or it came back before.
    """
    values = {"operation_id": operation_id, "account": account, "detail": code}
    if not (await connection.execute(_RETURN, values)).rowcount:
        raise ProviderRefused("There is no such payout that could come back.")
    await connection.execute(_WRITE_LINE, {"operation_id": operation_id})
