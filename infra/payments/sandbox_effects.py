"""What the sandbox provider's operations do to charges and accounts: its state machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Row, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.ports import ProviderRefused
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.payments.sandbox_books import (
    CANCELED,
    Effect,
    Request,
    insert_operation,
    new_provider_id,
)
from infra.payments.sandbox_scripts import Script
from infra.payments.sandbox_tables import sandbox_account, sandbox_charge, sandbox_operation

_SUCCEEDED = PaymentOutcome.SUCCEEDED.value
UNSETTLED = (PaymentOutcome.PENDING.value, PaymentOutcome.REQUIRES_ACTION.value)
"""A charge in one of these states can still succeed or be declined."""


def charge_effect(script: Script) -> Effect:
    """Return the effect of a charge that is answered as its script says."""

    async def effect(connection: AsyncConnection, request: Request) -> None:
        amount = request.money
        await connection.execute(
            insert(sandbox_charge).values(
                operation_id=request.operation_id,
                method=request.token,
                amount_minor=amount.amount_minor,
                currency=amount.currency,
                status=script.outcome.value,
                detail=script.detail,
            )
        )

    return effect


async def refund_effect(connection: AsyncConnection, request: Request) -> None:
    """Take a refund out of its charge."""
    amount = request.money
    charge = await _succeeded_charge(connection, request.charge_id, amount)
    await _set_charge(
        connection, request.charge_id, refunded_minor=charge.refunded_minor + amount.amount_minor
    )


async def transfer_effect(connection: AsyncConnection, request: Request) -> None:
    """Move money of a charge to an account, which is opened by its first transfer."""
    amount = request.money
    charge = await _succeeded_charge(connection, request.charge_id, amount)
    moved = charge.transferred_minor + amount.amount_minor
    await _set_charge(connection, request.charge_id, transferred_minor=moved)
    opening = insert(sandbox_account).values(
        account=request.token, currency=amount.currency, balance_minor=amount.amount_minor
    )
    total = sandbox_account.c.balance_minor + opening.excluded.balance_minor
    await connection.execute(
        opening.on_conflict_do_update(
            index_elements=["account", "currency"], set_={"balance_minor": total}
        )
    )


async def payout_effect(connection: AsyncConnection, request: Request) -> None:
    """Take a payout out of its account."""
    amount = request.money
    paid = await connection.execute(
        update(sandbox_account)
        .where(
            sandbox_account.c.account == request.token,
            sandbox_account.c.currency == amount.currency,
            sandbox_account.c.balance_minor >= amount.amount_minor,
        )
        .values(balance_minor=sandbox_account.c.balance_minor - amount.amount_minor)
    )
    if not paid.rowcount:
        raise ProviderRefused("The account's balance is smaller than the payout.")


async def void_effect(connection: AsyncConnection, request: Request) -> None:
    """Cancel a charge that is not in force, or refund what is left of one that is.

    A charge that was never asked for is entered as canceled, so that a request for it which is
    still on its way cannot take money any more.
    """
    if await _cancel_in_advance(connection, request.charge_id):
        return
    charge = await _charge_for_update(connection, request.charge_id)
    if charge.transferred_minor:
        raise ProviderRefused("Money of this charge was transferred: it cannot be voided.")
    if charge.status in UNSETTLED:
        await settle(connection, request.charge_id, UNSETTLED, CANCELED, CANCELED)
    elif charge.refunded_minor < charge.amount_minor and charge.status == _SUCCEEDED:
        await _refund_the_rest(connection, request, charge)


async def settle(
    connection: AsyncConnection, operation_id: str, old: Sequence[str], new: str, detail: str = ""
) -> None:
    """Move an unsettled charge on.

    Raises:
        ProviderRefused: the charge is unknown or in none of the old states.
    """
    moved = await connection.execute(
        update(sandbox_charge)
        .where(sandbox_charge.c.operation_id == operation_id, sandbox_charge.c.status.in_(old))
        .values(status=new, detail=detail)
    )
    if not moved.rowcount:
        raise ProviderRefused(f"There is no such charge that is {' or '.join(old)}.")


async def _cancel_in_advance(connection: AsyncConnection, charge_id: str) -> bool:
    if not await insert_operation(connection, Request(charge_id, OperationKind.CHARGE), ""):
        return False
    await connection.execute(
        insert(sandbox_charge).values(
            operation_id=charge_id,
            method="",
            amount_minor=0,
            currency="",
            status=CANCELED,
            detail=CANCELED,
        )
    )
    return True


async def _refund_the_rest(connection: AsyncConnection, request: Request, charge: Row[Any]) -> None:
    await _set_charge(connection, request.charge_id, refunded_minor=charge.amount_minor)
    await connection.execute(
        update(sandbox_operation)
        .where(sandbox_operation.c.operation_id == request.operation_id)
        .values(
            amount_minor=charge.amount_minor - charge.refunded_minor,
            currency=charge.currency,
            provider_id=new_provider_id("re"),
        )
    )


async def _succeeded_charge(connection: AsyncConnection, charge_id: str, amount: Money) -> Row[Any]:
    charge = await _charge_for_update(connection, charge_id)
    if charge.status != _SUCCEEDED:
        raise ProviderRefused(f"The charge is {charge.status}: no money can be taken out of it.")
    left = charge.amount_minor - charge.refunded_minor - charge.transferred_minor
    if charge.currency != amount.currency or amount.amount_minor > left:
        raise ProviderRefused(f"Only {Money(left, charge.currency)} of the charge are left.")
    return charge


async def _charge_for_update(connection: AsyncConnection, charge_id: str) -> Row[Any]:
    query = select(sandbox_charge).where(sandbox_charge.c.operation_id == charge_id)
    charge = (await connection.execute(query.with_for_update())).one_or_none()
    if charge is None:
        raise ProviderRefused("There is no such charge.")
    return charge


async def _set_charge(connection: AsyncConnection, charge_id: str, **values: int) -> None:
    await connection.execute(
        update(sandbox_charge).where(sandbox_charge.c.operation_id == charge_id).values(**values)
    )
