"""The sandbox payment provider: a provider of equal rank that runs without any outside service.

It keeps its own books in PostgreSQL (`sandbox_*`), commits every answer before it gives it, and
plays scripted failures: the payment method or payout account names the script. The table of
tokens stands in `infra/payments/sandbox_scripts.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.ports import OutcomeUnknown, ProviderAnswer, ProviderRefused, ProviderUnavailable
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.payments import sandbox_books as books
from infra.payments import sandbox_effects as effects
from infra.payments.sandbox_books import Effect, Request, SandboxObject
from infra.payments.sandbox_scripts import Fault, Script, account_scripts, method_scripts

T = TypeVar("T")


class SandboxProvider:
    """A `PaymentProvider` with books of its own.

    Raises:
        ProviderUnavailable: its database was not reached, or the script says so.
        OutcomeUnknown: its database was lost while committing, or the script says so.
        ProviderRefused: an unknown token, a cap, a wrong state, or other parameters than before.
    """

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine

    async def charge(self, operation_id: str, amount: Money, method: str) -> ProviderAnswer:
        """Charge a payment method; an unsettled charge is answered as it stands now."""
        script = method_scripts(method).charge
        request = Request(operation_id, OperationKind.CHARGE, amount, token=method)
        return await self._play(script, request, effects.charge_effect(script))

    async def refund(self, operation_id: str, charge_id: str, amount: Money) -> ProviderAnswer:
        """Give back part or all of what is left of a charge."""
        request = Request(operation_id, OperationKind.REFUND, amount, charge_id=charge_id)
        return await self._play(
            await self._refund_script(charge_id), request, effects.refund_effect
        )

    async def void(self, operation_id: str, charge_id: str) -> ProviderAnswer:
        """Make sure that a charge is not in force, now or later, whatever became of it."""
        request = Request(operation_id, OperationKind.VOID, charge_id=charge_id)
        return await self._play(await self._refund_script(charge_id), request, effects.void_effect)

    async def transfer(
        self, operation_id: str, charge_id: str, amount: Money, account: str
    ) -> ProviderAnswer:
        """Move what is left of a charge, or part of it, to an account."""
        request = Request(operation_id, OperationKind.TRANSFER, amount, account, charge_id)
        return await self._play(account_scripts(account).transfer, request, effects.transfer_effect)

    async def pay_out(self, operation_id: str, amount: Money, account: str) -> ProviderAnswer:
        """Send money of an account to the bank behind it."""
        request = Request(operation_id, OperationKind.PAYOUT, amount, token=account)
        return await self._play(account_scripts(account).payout, request, effects.payout_effect)

    async def find(self, operation_id: str) -> ProviderAnswer | None:
        """Return how an operation stands now, or none when it was never entered."""
        return await self._commit(lambda connection: books.find(connection, operation_id))

    async def approve(self, operation_id: str) -> None:
        """Play the customer who does what a charge requires: it succeeds."""
        await self._settle(
            operation_id, (PaymentOutcome.REQUIRES_ACTION.value,), PaymentOutcome.SUCCEEDED
        )

    async def settle(self, operation_id: str) -> None:
        """Play the bank that confirms a pending charge: it succeeds."""
        await self._settle(operation_id, (PaymentOutcome.PENDING.value,), PaymentOutcome.SUCCEEDED)

    async def reject(self, operation_id: str, code: str = "authentication_failed") -> None:
        """Play the customer or the bank that turns an unsettled charge down."""
        await self._settle(operation_id, effects.UNSETTLED, PaymentOutcome.DECLINED, code)

    async def objects(self, prefix: str) -> tuple[SandboxObject, ...]:
        """Return the operations whose id starts with a prefix, in the order they were entered.

        Operation ids start with the delivery's id, so this is everything that the provider did
        for one delivery.
        """
        return await self._commit(lambda connection: books.list_objects(connection, prefix))

    async def balance(self, account: str, currency: str) -> Money:
        """Return what an account has that was not paid out yet."""
        return await self._commit(
            lambda connection: books.read_balance(connection, account, currency)
        )

    async def _refund_script(self, charge_id: str) -> Script:
        method = await self._commit(lambda connection: books.read_method(connection, charge_id))
        return method_scripts(method).refund if method else Script()

    async def _settle(
        self, operation_id: str, old: tuple[str, ...], new: PaymentOutcome, detail: str = ""
    ) -> None:
        await self._commit(
            lambda connection: effects.settle(connection, operation_id, old, new.value, detail)
        )

    async def _play(self, script: Script, request: Request, effect: Effect) -> ProviderAnswer:
        if script.fault is Fault.REFUSED:
            raise ProviderRefused(f"The sandbox refuses this {request.kind}, as its token asks.")
        if script.fault is Fault.UNAVAILABLE:
            await self._be_unavailable(request.operation_id, script.figure)
        is_new, answer = await self._commit(
            lambda connection: books.enter(connection, request, effect)
        )
        if is_new and script.fault is Fault.TIMEOUT_AFTER_SUCCESS:
            raise OutcomeUnknown(f"The answer to this {request.kind} was lost.")
        if is_new and script.fault is Fault.HANG_AFTER_SUCCESS:
            await asyncio.sleep(script.figure)
        return answer

    async def _be_unavailable(self, operation_id: str, times: int) -> None:
        if await self._commit(
            lambda connection: books.count_unavailable(connection, operation_id, times)
        ):
            raise ProviderUnavailable("The sandbox asks to try later.")

    async def _commit(self, step: Callable[[AsyncConnection], Awaitable[T]]) -> T:
        is_committing = False
        try:
            async with self._engine.connect() as connection:
                result = await step(connection)
                is_committing = True
                await connection.commit()
        except (OperationalError, InterfaceError, NoFreeConnection) as error:
            if is_committing:
                raise OutcomeUnknown("The sandbox was lost while it committed.") from error
            raise ProviderUnavailable("The sandbox cannot reach its books.") from error
        return result
