"""What the sandbox provider's operations do to charges, refunds and accounts: its state machine."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Row, case, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.payment_ports import AUTHORISATION_ENDED, ProviderRefused
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.payments.sandbox_books import (
    CANCELED,
    HELD,
    SAVED,
    Effect,
    Request,
    insert_operation,
    is_saved,
    new_provider_id,
)
from infra.payments.sandbox_platform import platform_balance
from infra.payments.sandbox_scripts import Script
from infra.payments.sandbox_tables import (
    sandbox_account,
    sandbox_charge,
    sandbox_dispute,
    sandbox_operation,
    sandbox_refund,
    sandbox_transfer,
)

HOLD_LIFE = timedelta(days=7)
"""How long money stays authorised. Source: what most cards grant."""

_SUCCEEDED = PaymentOutcome.SUCCEEDED.value
UNSETTLED = (PaymentOutcome.PENDING.value, PaymentOutcome.REQUIRES_ACTION.value)
"""A charge in one of these states can still succeed or be declined."""


def charge_effect(script: Script) -> Effect:
    """Return the effect of a charge that is answered as its script says."""

    async def effect(connection: AsyncConnection, request: Request) -> None:
        if "/" in request.token and not await is_saved(connection, request.token):
            raise ProviderRefused("There is no such saved payment method.")
        amount, status = request.money, script.outcome.value
        is_hold = request.kind is OperationKind.AUTHORISE
        await connection.execute(
            insert(sandbox_charge).values(
                operation_id=request.operation_id,
                method=request.token,
                amount_minor=amount.amount_minor,
                currency=amount.currency,
                status=HELD if is_hold and status == _SUCCEEDED else status,
                detail=script.detail,
                held_until=func.sandbox_now(request.operation_id) + HOLD_LIFE if is_hold else None,
            )
        )

    return effect


def saving_effect(script: Script) -> Effect:
    """Return the effect of saving a payment method, answered as its script says."""

    async def effect(connection: AsyncConnection, request: Request) -> None:
        status = script.outcome.value
        await _enter_without_money(
            connection,
            request.operation_id,
            SAVED if status == _SUCCEEDED else status,
            script.detail,
            method=request.token,
        )

    return effect


async def capture_effect(connection: AsyncConnection, request: Request) -> None:
    """Take held money; what is not taken is let go, and what was let go is not taken."""
    amount = request.money
    charge = await _charge_for_update(connection, request.charge_id)
    if charge.status == CANCELED:
        declined = PaymentOutcome.DECLINED.value
        await _enter_without_money(connection, request.operation_id, declined, AUTHORISATION_ENDED)
        return
    if charge.status != HELD:
        raise ProviderRefused(f"The charge is {charge.status}: nothing is held.")
    _require_left(amount, charge, charge.amount_minor)
    await _set_charge(
        connection, request.charge_id, status=_SUCCEEDED, amount_minor=amount.amount_minor
    )


def refund_effect(script: Script) -> Effect:
    """Return the effect of a refund that is answered as its script says."""

    async def effect(connection: AsyncConnection, request: Request) -> None:
        amount = request.money
        charge = await _succeeded_charge(connection, request.charge_id)
        await _require_undisputed(connection, request.charge_id)
        _require_left(amount, charge, charge.amount_minor - charge.refunded_minor)
        refunded = charge.refunded_minor + amount.amount_minor
        await _set_charge(connection, request.charge_id, refunded_minor=refunded)
        await connection.execute(
            insert(sandbox_refund).values(
                operation_id=request.operation_id,
                status=script.outcome.value,
                detail=script.detail,
            )
        )

    return effect


async def transfer_effect(connection: AsyncConnection, request: Request) -> None:
    """Move money of a charge, or of the platform's balance, to an account.

    The account is opened by its first transfer.
    """
    amount = request.money
    if request.charge_id:
        await _transfer_from_charge(connection, request)
    elif (await platform_balance(connection, amount.currency)) < amount.amount_minor:
        raise _too_little("platform")
    await connection.execute(
        insert(sandbox_transfer).values(
            operation_id=request.operation_id,
            account=request.token,
            amount_minor=amount.amount_minor,
            currency=amount.currency,
        )
    )
    opening = insert(sandbox_account).values(
        account=request.token, currency=amount.currency, balance_minor=amount.amount_minor
    )
    total = sandbox_account.c.balance_minor + opening.excluded.balance_minor
    await connection.execute(
        opening.on_conflict_do_update(
            index_elements=["account", "currency"], set_={"balance_minor": total}
        )
    )


async def _transfer_from_charge(connection: AsyncConnection, request: Request) -> None:
    amount = request.money
    charge = await _succeeded_charge(connection, request.charge_id)
    _require_left(amount, charge, charge.amount_minor - charge.transferred_minor)
    moved = charge.transferred_minor + amount.amount_minor
    await _set_charge(connection, request.charge_id, transferred_minor=moved)


async def reversal_effect(connection: AsyncConnection, request: Request) -> None:
    """Take transferred money back out of the account."""
    amount = request.money
    known = sandbox_transfer.c.operation_id == request.charge_id
    query = select(sandbox_transfer).where(known).with_for_update()
    transfer = (await connection.execute(query)).one_or_none()
    if transfer is None:
        raise ProviderRefused("There is no such transfer.")
    _require_left(amount, transfer, transfer.amount_minor - transfer.reversed_minor)
    await _take(connection, transfer.account, amount)
    reversed_minor = transfer.reversed_minor + amount.amount_minor
    await connection.execute(
        update(sandbox_transfer).where(known).values(reversed_minor=reversed_minor)
    )


async def payout_effect(connection: AsyncConnection, request: Request) -> None:
    """Take a payout out of its account."""
    await _take(connection, request.token, request.money)


async def _take(connection: AsyncConnection, account: str, amount: Money) -> None:
    taken = await connection.execute(
        update(sandbox_account)
        .where(
            sandbox_account.c.account == account,
            sandbox_account.c.currency == amount.currency,
            sandbox_account.c.balance_minor >= amount.amount_minor,
        )
        .values(balance_minor=sandbox_account.c.balance_minor - amount.amount_minor)
    )
    if not taken.rowcount:
        raise _too_little("account")


def _too_little(whose: str) -> ProviderRefused:
    return ProviderRefused(f"The {whose}'s balance is smaller.", code="balance_insufficient")


async def void_effect(connection: AsyncConnection, request: Request) -> None:
    """Cancel a charge that is not in force, refund what is left of one that is, forget a method.

    A charge that was never asked for is entered as canceled, so that a request for it which is
    still on its way cannot take money any more.
    """
    if await _cancel_in_advance(connection, request.charge_id):
        return
    charge = await _charge_for_update(connection, request.charge_id)
    if charge.transferred_minor:
        raise ProviderRefused("Money of this charge was transferred: it cannot be voided.")
    if charge.status in (*UNSETTLED, HELD, SAVED):
        await settle(connection, request.charge_id, (charge.status,), CANCELED, CANCELED)
    elif charge.refunded_minor < charge.amount_minor and charge.status == _SUCCEEDED:
        await _refund_the_rest(connection, request, charge)


async def settle(
    connection: AsyncConnection, operation_id: str, old: Sequence[str], new: str, detail: str = ""
) -> None:
    """Move an unsettled charge on; what was authorised is then held, what was to be saved is saved.

    Raises:
        ProviderRefused: the charge is unknown or in none of the old states.
    """
    kind = (
        select(sandbox_operation.c.kind)
        .where(sandbox_operation.c.operation_id == operation_id)
        .scalar_subquery()
    )
    then = {OperationKind.AUTHORISE.value: HELD, OperationKind.SAVE.value: SAVED}
    moved = await connection.execute(
        update(sandbox_charge)
        .where(sandbox_charge.c.operation_id == operation_id, sandbox_charge.c.status.in_(old))
        .values(status=case(then, value=kind, else_=new) if new == _SUCCEEDED else new)
        .values(detail=detail)
    )
    if not moved.rowcount:
        raise ProviderRefused(f"There is no such charge that is {' or '.join(old)}.")


async def settle_refund(
    connection: AsyncConnection, operation_id: str, old: Sequence[str], new: str, detail: str = ""
) -> bool:
    """Move a refund on, and return whether there is one; a refund that is turned down comes back."""
    moved = await connection.execute(
        update(sandbox_refund)
        .where(sandbox_refund.c.operation_id == operation_id, sandbox_refund.c.status.in_(old))
        .values(status=new, detail=detail)
    )
    if moved.rowcount and new == PaymentOutcome.DECLINED.value:
        refund = sandbox_operation.alias()
        await connection.execute(
            update(sandbox_charge)
            .where(
                refund.c.operation_id == operation_id,
                sandbox_charge.c.operation_id == refund.c.charge_id,
            )
            .values(refunded_minor=sandbox_charge.c.refunded_minor - refund.c.amount_minor)
        )
    return bool(moved.rowcount)


async def _cancel_in_advance(connection: AsyncConnection, charge_id: str) -> bool:
    if not await insert_operation(connection, Request(charge_id, OperationKind.CHARGE), ""):
        return False
    await _enter_without_money(connection, charge_id, CANCELED, CANCELED)
    return True


async def _enter_without_money(
    connection: AsyncConnection, operation_id: str, status: str, detail: str, *, method: str = ""
) -> None:
    await connection.execute(
        insert(sandbox_charge).values(
            operation_id=operation_id,
            method=method,
            amount_minor=0,
            currency="",
            status=status,
            detail=detail,
        )
    )


async def _refund_the_rest(connection: AsyncConnection, request: Request, charge: Row[Any]) -> None:
    await _require_undisputed(connection, request.charge_id)
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


async def _succeeded_charge(connection: AsyncConnection, charge_id: str) -> Row[Any]:
    charge = await _charge_for_update(connection, charge_id)
    if charge.status != _SUCCEEDED:
        raise ProviderRefused(f"The charge is {charge.status}: no money can be taken out of it.")
    return charge


async def _require_undisputed(connection: AsyncConnection, charge_id: str) -> None:
    """Refuse to give back what a card network has given back already, or may."""
    taken = sandbox_dispute.c.status.in_(("open", "lost"))
    query = select(sandbox_dispute.c.dispute_id).where(
        sandbox_dispute.c.operation_id == charge_id, taken
    )
    if (await connection.execute(query)).first() is not None:
        raise ProviderRefused("The charge was charged back.", code="charge_disputed")


def _require_left(amount: Money, source: Row[Any], left_minor: int) -> None:
    if source.currency != amount.currency or amount.amount_minor > left_minor:
        raise ProviderRefused(f"Only {Money(left_minor, source.currency)} are left.")


async def _charge_for_update(connection: AsyncConnection, charge_id: str) -> Row[Any]:
    query = select(sandbox_charge).where(sandbox_charge.c.operation_id == charge_id)
    charge = (await connection.execute(query.with_for_update())).one_or_none()
    if charge is None:
        raise ProviderRefused("There is no such charge.")
    return charge


async def _set_charge(connection: AsyncConnection, charge_id: str, **values: int | str) -> None:
    await connection.execute(
        update(sandbox_charge).where(sandbox_charge.c.operation_id == charge_id).values(**values)
    )
