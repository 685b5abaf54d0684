"""What travelers owe, and who is about to keep it back: guards of payouts and of nettings.

A netting that was sent has claimed its debts. Two payouts of one traveler would otherwise both keep
back the same debt.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId
from domain.ledger import Account, AccountKind, Due, unclaimed
from domain.money import Money
from domain.transitions import PaymentIntent
from infra.database.ledger import account_id, dues_of

_TRAVELER = text("""
SELECT CAST(delivery.traveler_id AS text) FROM payment_operation AS operation
JOIN delivery USING (delivery_id) WHERE operation.operation_id = :operation_id
""")
_OWED_LOCKED = text("""
SELECT balance_minor FROM ledger_account WHERE account_id = :account_id FOR NO KEY UPDATE
""")
_OWES = text("""
SELECT CAST(delivery.traveler_id AS text) AS traveler_id, account.balance_minor
FROM payment_operation AS operation
JOIN delivery USING (delivery_id)
JOIN ledger_account AS account
    ON account.account_id = 'traveler_dues:' || delivery.traveler_id || ':' || operation.currency
WHERE operation.operation_id = :operation_id AND account.balance_minor > 0
""")
_CLAIMED = text("""
SELECT coalesce(sum(netting.amount_minor), 0) FROM payment_operation AS netting
JOIN delivery USING (delivery_id)
WHERE delivery.traveler_id = CAST(:traveler_id AS uuid) AND delivery.closed_at IS NULL
    AND netting.kind = 'reversal' AND netting.currency = :currency
    AND netting.operation_id LIKE '%:reversal:netting%'
    AND netting.operation_id <> :operation_id AND netting.state IN ('sent', 'unknown')
""")
"""What was given up at the close of its delivery claims nothing any more."""


async def require_nothing_owed(connection: AsyncConnection, payout: PaymentIntent) -> None:
    """Check that a payout does not go to a traveler who owes what nobody keeps back yet.

    Raises:
        Refusal: `dues_first`.
    """
    found = await connection.execute(_OWES, {"operation_id": payout.operation_id})
    debtor = found.one_or_none()
    if debtor is None:
        return
    claimed_minor = await _claimed_minor(connection, debtor.traveler_id, payout)
    if debtor.balance_minor > claimed_minor:
        raise Refusal(RefusalCode.DUES_FIRST, "The traveler owes the platform something.")


async def claim(connection: AsyncConnection, netting: PaymentIntent) -> None:
    """Check that the debts which a netting is to pay are owed and that no other one pays them.

    Behind the lock on the account, two nettings of one traveler see each other.

    Raises:
        Refusal: `dues_changed`.
    """
    traveler_id = await connection.scalar(_TRAVELER, {"operation_id": netting.operation_id})
    owed_minor = await connection.scalar(_OWED_LOCKED, _account(traveler_id, netting)) or 0
    claimed_minor = await _claimed_minor(connection, traveler_id, netting)
    if netting.amount.amount_minor > owed_minor - claimed_minor:
        raise Refusal(RefusalCode.DUES_CHANGED, "Others have paid, or pay, what the traveler owes.")


async def unclaimed_dues(
    connection: AsyncConnection, traveler_id: PersonId, currency: str
) -> tuple[Due, ...]:
    """Return what a traveler owes in a currency and nobody keeps back yet, the oldest debt first."""
    asked = {"traveler_id": traveler_id, "currency": currency, "operation_id": ""}
    claimed_minor = int(await connection.scalar(_CLAIMED, asked) or 0)
    return unclaimed(await dues_of(connection, traveler_id), Money(claimed_minor, currency))


async def locked_dues(
    connection: AsyncConnection, traveler_id: PersonId, currency: str
) -> tuple[Due, ...]:
    """Return what a traveler owes; nothing of it is paid before the transaction has ended."""
    account = {"account_id": account_id(Account(AccountKind.TRAVELER_DUES, traveler_id), currency)}
    await connection.execute(_OWED_LOCKED, account)
    return await dues_of(connection, traveler_id)


async def _claimed_minor(
    connection: AsyncConnection, traveler_id: PersonId, intent: PaymentIntent
) -> int:
    asked = {
        "traveler_id": traveler_id,
        "currency": intent.amount.currency,
        "operation_id": intent.operation_id,
    }
    return int(await connection.scalar(_CLAIMED, asked) or 0)


def _account(traveler_id: PersonId, intent: PaymentIntent) -> dict[str, Any]:
    return {
        "account_id": account_id(
            Account(AccountKind.TRAVELER_DUES, traveler_id), intent.amount.currency
        )
    }
