"""How the sandbox provider enters and reads operations, inside a caller's transaction."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from sqlalchemy import Row, Select, delete, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from activities.payment_ports import Operation, ProviderAnswer, ProviderRefused
from domain.money import AMOUNT_MINOR_MAX, Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.payments.sandbox_tables import (
    sandbox_account,
    sandbox_attempt,
    sandbox_charge,
    sandbox_operation,
    sandbox_refund,
    sandbox_transfer,
)

CANCELED = "canceled"
"""Status of a charge that will never be in force; it is answered as a decline with this detail."""
HELD = "held"
"""Status of money that is set aside and not taken yet."""
SAVED = "saved"
"""Status of a payment method that is saved; it is kept among the charges and has no amount."""

_ID_PREFIXES = {
    OperationKind.CHARGE: "ch",
    OperationKind.AUTHORISE: "au",
    OperationKind.SAVE: "sm",
    OperationKind.CAPTURE: "cp",
    OperationKind.REFUND: "re",
    OperationKind.TRANSFER: "tr",
    OperationKind.REVERSAL: "trr",
    OperationKind.PAYOUT: "po",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One operation as it was asked."""

    operation_id: str
    kind: OperationKind
    amount: Money | None = None
    """None for a void, which is always for all of the charge, and for a method that is saved."""
    token: str = ""
    """Payment method or payout account."""
    charge_id: str = ""
    """Operation id of the charge that is drawn on; for a reversal, of the transfer."""
    attempt: int = 1

    @classmethod
    def of(cls, operation: Operation, amount: Money | None = None, token: str = "") -> Request:
        """Return what an operation of the platform asks for."""
        source_id = operation.source.operation_id if operation.source else ""
        return cls(
            operation.operation_id, operation.kind, amount, token, source_id, operation.attempt
        )

    @property
    def money(self) -> Money:
        """Return the amount of an operation that has one."""
        assert self.amount is not None, "a void and a saved method have no amount of their own"
        return self.amount

    @property
    def hash(self) -> str:
        """Return what two requests have in common exactly when they ask for the same."""
        amount = str(self.amount or "")
        body = json.dumps([str(self.kind), amount, self.token, self.charge_id])
        return hashlib.sha256(body.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class SandboxObject:
    """One operation as the provider's own books show it."""

    operation_id: str
    kind: OperationKind
    outcome: PaymentOutcome
    detail: str
    provider_id: str
    """Empty when the operation moved nothing, as a void of a charge that was not in force."""
    charge_id: str
    amount_minor: int
    currency: str
    refunded_minor: int = 0
    """For a charge: what went back to the customer."""
    transferred_minor: int = 0
    """For a charge: what went to travelers."""


Effect = Callable[[AsyncConnection, Request], Awaitable[None]]
"""What an operation does besides being entered; it runs once, for the first entry."""


async def enter(
    connection: AsyncConnection, request: Request, effect: Effect
) -> tuple[bool, ProviderAnswer]:
    """Enter an operation and return whether it is new, with the answer to it.

    Two calls with one operation id meet at the insert: the second waits there for the first.

    Raises:
        ProviderRefused: the amount is impossible, the operation id was used with other parameters,
            or the effect refuses.
    """
    if request.amount is not None and not 0 < request.amount.amount_minor <= AMOUNT_MINOR_MAX:
        raise ProviderRefused(f"The amount must lie between 1 and {AMOUNT_MINOR_MAX} minor units.")
    is_new = await insert_operation(connection, request, request.hash)
    is_new = is_new or await _begins_again(connection, request)
    if is_new:
        await effect(connection, request)
    row = (await connection.execute(_operations(request.operation_id))).one()
    if row.request_hash not in ("", request.hash):
        raise ProviderRefused("The operation id was used before with other parameters.")
    return is_new, _answer(row)


async def _begins_again(connection: AsyncConnection, request: Request) -> bool:
    """Clear away a refund that was turned down, when another attempt at it begins."""
    if request.kind is not OperationKind.REFUND or request.attempt == 1:
        return False
    known = sandbox_operation.c.operation_id == request.operation_id
    cleared = await connection.execute(
        delete(sandbox_refund).where(
            sandbox_refund.c.operation_id == request.operation_id,
            sandbox_refund.c.status == PaymentOutcome.DECLINED.value,
        )
    )
    if not cleared.rowcount:
        return False
    await connection.execute(
        update(sandbox_operation).where(known).values(provider_id=new_provider_id("re"))
    )
    return True


async def insert_operation(
    connection: AsyncConnection, request: Request, request_hash: str
) -> bool:
    """Enter an operation unless it is known, and return whether it was entered."""
    prefix = _ID_PREFIXES.get(request.kind) if request_hash else None
    entry = insert(sandbox_operation).values(
        operation_id=request.operation_id,
        kind=request.kind.value,
        request_hash=request_hash,
        charge_id=request.charge_id,
        amount_minor=request.amount.amount_minor if request.amount else 0,
        currency=request.amount.currency if request.amount else "",
        provider_id=new_provider_id(prefix) if prefix else "",
    )
    returning = entry.on_conflict_do_nothing(index_elements=["operation_id"]).returning(
        sandbox_operation.c.operation_id
    )
    return (await connection.execute(returning)).scalar_one_or_none() is not None


def new_provider_id(prefix: str) -> str:
    """Return an id for a new object at the provider."""
    return f"{prefix}_sandbox_{uuid4().hex}"


async def find(connection: AsyncConnection, operation_id: str) -> ProviderAnswer | None:
    """Return the present answer to an operation, or none when it was never entered."""
    row = (await connection.execute(_operations(operation_id))).one_or_none()
    return None if row is None else _answer(row)


async def list_objects(connection: AsyncConnection, prefix: str) -> tuple[SandboxObject, ...]:
    """Return the operations whose id starts with a prefix, in the order they were entered."""
    rows = await connection.execute(
        _operations(None)
        .where(func.starts_with(sandbox_operation.c.operation_id, prefix))
        .order_by(sandbox_operation.c.sequence)
    )
    return tuple(_object(row) for row in rows)


async def read_balance(connection: AsyncConnection, account: str, currency: str) -> Money:
    """Return what an account has; zero when it was never opened."""
    query = select(sandbox_account.c.balance_minor).where(
        sandbox_account.c.account == account, sandbox_account.c.currency == currency
    )
    return Money((await connection.execute(query)).scalar_one_or_none() or 0, currency)


async def read_method(connection: AsyncConnection, charge_id: str) -> str | None:
    """Return the payment method of a charge, or none when it was never asked for."""
    query = select(sandbox_charge.c.method).where(sandbox_charge.c.operation_id == charge_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def is_saved(connection: AsyncConnection, token: str) -> bool:
    """Return whether the token of a saved method is good."""
    provider_id, _, method = token.rpartition("/")
    query = (
        select(sandbox_charge.c.status)
        .join(sandbox_operation, sandbox_operation.c.operation_id == sandbox_charge.c.operation_id)
        .where(sandbox_operation.c.provider_id == provider_id, sandbox_charge.c.method == method)
    )
    return (await connection.execute(query)).scalar_one_or_none() == SAVED


async def read_charge_id(connection: AsyncConnection, operation_id: str) -> str:
    """Return the operation that holds a charge: of a capture, the authorisation it took."""
    query = select(sandbox_operation.c.charge_id).where(
        sandbox_operation.c.operation_id == operation_id,
        sandbox_operation.c.kind == OperationKind.CAPTURE.value,
    )
    return (await connection.execute(query)).scalar_one_or_none() or operation_id


async def read_account(connection: AsyncConnection, transfer_id: str) -> str | None:
    """Return the account that a transfer went to, or none when it was never made."""
    query = select(sandbox_transfer.c.account).where(sandbox_transfer.c.operation_id == transfer_id)
    return (await connection.execute(query)).scalar_one_or_none()


async def count_failure(connection: AsyncConnection, operation_id: str, times: int) -> bool:
    """Count one more scripted failure, and return false once there were enough of them."""
    first = insert(sandbox_attempt).values(operation_id=operation_id, tries=1)
    counted = first.on_conflict_do_update(
        index_elements=["operation_id"],
        set_={"tries": sandbox_attempt.c.tries + 1},
        where=sandbox_attempt.c.tries < times,
    ).returning(sandbox_attempt.c.tries)
    return times > 0 and (await connection.execute(counted)).scalar_one_or_none() is not None


def _operations(operation_id: str | None) -> Select[Any]:
    query = select(
        sandbox_operation,
        sandbox_charge.c.method,
        sandbox_charge.c.status,
        sandbox_charge.c.detail,
        sandbox_charge.c.refunded_minor,
        sandbox_charge.c.transferred_minor,
        sandbox_charge.c.held_until,
        sandbox_refund.c.status.label("refund_status"),
        sandbox_refund.c.detail.label("refund_detail"),
    ).select_from(
        sandbox_operation.outerjoin(
            sandbox_charge, sandbox_charge.c.operation_id == sandbox_operation.c.operation_id
        ).outerjoin(
            sandbox_refund, sandbox_refund.c.operation_id == sandbox_operation.c.operation_id
        )
    )
    return (
        query
        if operation_id is None
        else query.where(sandbox_operation.c.operation_id == operation_id)
    )


def _answer(row: Row[Any]) -> ProviderAnswer:
    if row.refund_status is not None:
        outcome = PaymentOutcome(row.refund_status)
        return ProviderAnswer(outcome, row.provider_id, row.refund_detail)
    if row.status is None:
        return ProviderAnswer(PaymentOutcome.SUCCEEDED, row.provider_id)
    if row.status == HELD:
        return ProviderAnswer(
            PaymentOutcome.SUCCEEDED, row.provider_id, capture_before=row.held_until
        )
    if row.status == SAVED:
        token = f"{row.provider_id}/{row.method}"
        return ProviderAnswer(PaymentOutcome.SUCCEEDED, row.provider_id, saved_method=token)
    outcome = PaymentOutcome.DECLINED if row.status == CANCELED else PaymentOutcome(row.status)
    return ProviderAnswer(outcome, row.provider_id, row.detail)


def _object(row: Row[Any]) -> SandboxObject:
    answer = _answer(row)
    return SandboxObject(
        operation_id=row.operation_id,
        kind=OperationKind(row.kind),
        outcome=answer.outcome,
        detail=answer.detail,
        provider_id=row.provider_id,
        charge_id=row.charge_id,
        amount_minor=row.amount_minor,
        currency=row.currency,
        refunded_minor=row.refunded_minor or 0,
        transferred_minor=row.transferred_minor or 0,
    )
