"""The sandbox payment provider: a provider of equal rank that runs without any outside service.

It keeps its own books in PostgreSQL (`sandbox_*`), commits every answer before it gives it, and
plays scripted failures: the payment method or payout account names the script. The table of
tokens stands in `infra/payments/sandbox_scripts.py`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from activities.payment_ports import (
    AccountNotReady,
    CustomerAction,
    Operation,
    OutcomeUnknown,
    ProviderAnswer,
    ProviderCapabilities,
    ProviderEvent,
    ProviderRefused,
    ProviderUnavailable,
    draws_on_charge,
)
from domain.money import Money
from domain.transitions import OperationKind, PaymentOutcome
from infra.payments import sandbox_books as books
from infra.payments import sandbox_effects as effects
from infra.payments.sandbox_books import Effect, Request, SandboxObject
from infra.payments.sandbox_events import SANDBOX_SECRET, parse_event
from infra.payments.sandbox_returns import return_payout
from infra.payments.sandbox_scripts import Fault, Script, account_scripts, method_scripts

T = TypeVar("T")

SANDBOX = ProviderCapabilities(
    name="sandbox",
    manual_capture=True,
    off_session=True,
    reversals=True,
    automatic_payouts=False,
    onboarding=False,
    disputes=True,
    key_life=None,
)


class SandboxProvider:
    """A `PaymentProvider` with books of its own.

    Raises:
        ProviderUnavailable: its database was not reached, or the script says so.
        OutcomeUnknown: its database was lost while committing, or the script says so.
        ProviderRefused: an unknown token, a cap, a wrong state, or other parameters than before.
    """

    def __init__(self, engine: AsyncEngine, webhook_secret: str = SANDBOX_SECRET) -> None:
        self._engine = engine
        self._webhook_secret = webhook_secret

    @property
    def capabilities(self) -> ProviderCapabilities:
        """What the sandbox can do."""
        return SANDBOX

    async def charge(
        self, operation: Operation, amount: Money, method: str, *, off_session: bool = False
    ) -> ProviderAnswer:
        """Charge a payment method; an unsettled charge is answered as it stands now."""
        scripts = method_scripts(method)
        script = scripts.charge_away if off_session and "/" in method else scripts.charge
        request = Request.of(operation, amount, method)
        return await self._play(script, request, effects.charge_effect(script))

    async def authorise(
        self, operation: Operation, amount: Money, method: str, *, off_session: bool = False
    ) -> ProviderAnswer:
        """Hold money of a payment method until it is captured or `effects.HOLD_LIFE` is over."""
        return await self.charge(operation, amount, method, off_session=off_session)

    async def save_method(self, operation: Operation, method: str) -> ProviderAnswer:
        """Save a payment method; what is unsettled is answered as it stands now."""
        script = method_scripts(method).save
        if "/" in method:
            raise ProviderRefused("This payment method is saved already.")
        request = Request.of(operation, token=method)
        return await self._play(script, request, effects.saving_effect(script))

    async def capture(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Take held money, all of it or a part."""
        request = await self._drawing(operation, amount)
        script = await self._refund_script(request.charge_id)
        return await self._play(script, request, effects.capture_effect)

    async def refund(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Give back part or all of what is left of a charge."""
        request = await self._drawing(operation, amount)
        script = await self._refund_script(request.charge_id)
        return await self._play(script, request, effects.refund_effect(script))

    async def void(self, operation: Operation) -> ProviderAnswer:
        """Make sure that a charge or a saved method is not in force, now or later."""
        request = await self._drawing(operation)
        script = await self._refund_script(request.charge_id)
        return await self._play(script, request, effects.void_effect)

    async def transfer(self, operation: Operation, amount: Money, account: str) -> ProviderAnswer:
        """Move money of a charge, or of the platform's balance, to an account."""
        if draws_on_charge(operation):
            request = replace(await self._drawing(operation, amount), token=account)
        else:
            request = replace(Request.of(operation, amount, account), charge_id="")
        return await self._play(account_scripts(account).transfer, request, effects.transfer_effect)

    async def reverse(self, operation: Operation, amount: Money) -> ProviderAnswer:
        """Take transferred money back from an account that still has it."""
        request = Request.of(operation, amount)
        account = await self._commit(
            lambda connection: books.read_account(connection, request.charge_id)
        )
        script = account_scripts(account).reversal if account else Script()
        return await self._play(script, request, effects.reversal_effect)

    async def pay_out(self, operation: Operation, amount: Money, account: str) -> ProviderAnswer:
        """Send money of an account to the bank behind it."""
        request = Request.of(operation, amount, account)
        return await self._play(account_scripts(account).payout, request, effects.payout_effect)

    async def find(self, operation: Operation) -> ProviderAnswer | None:
        """Return how an operation stands now, or none when it was never entered."""
        return await self._commit(lambda connection: books.find(connection, operation.operation_id))

    async def action_for(self, operation: Operation) -> CustomerAction | None:
        """Return a secret that stands for the customer's own; `approve()` plays the customer."""
        answer = await self.find(operation)
        if answer is None or answer.outcome is not PaymentOutcome.REQUIRES_ACTION:
            return None
        return CustomerAction(answer.detail, f"{answer.provider_id}_secret_sandbox")

    def parse_webhook(self, body: bytes, headers: Mapping[str, str]) -> ProviderEvent:
        """Read one message that `infra/payments/sandbox_events.py` has signed."""
        return parse_event(body, headers, self._webhook_secret, datetime.now(UTC))

    async def approve(self, operation_id: str) -> None:
        """Play the customer who does what a charge requires: it succeeds."""
        await self._settle(
            operation_id, (PaymentOutcome.REQUIRES_ACTION.value,), PaymentOutcome.SUCCEEDED
        )

    async def settle(self, operation_id: str) -> None:
        """Play the bank that confirms a pending charge or refund: it succeeds."""
        await self._settle(operation_id, (PaymentOutcome.PENDING.value,), PaymentOutcome.SUCCEEDED)

    async def reject(self, operation_id: str, code: str = "authentication_failed") -> None:
        """Play the customer or the bank that turns an unsettled charge or refund down."""
        await self._settle(operation_id, effects.UNSETTLED, PaymentOutcome.DECLINED, code)

    async def fail_refund(self, operation_id: str, code: str = "account_closed") -> None:
        """Play the bank that sends a refund back, even one that had succeeded."""
        arrived = (PaymentOutcome.SUCCEEDED.value, PaymentOutcome.PENDING.value)
        await self._settle(operation_id, arrived, PaymentOutcome.DECLINED, code)

    async def fail_payout(
        self, operation_id: str, account: str, code: str = "account_closed"
    ) -> None:
        """Play the traveler's bank that sends a payout back to the account."""
        await self._commit(
            lambda connection: return_payout(connection, operation_id, account, code)
        )

    async def lapse(self, operation_id: str) -> None:
        """Play the bank that lets held money go because nobody captured it."""
        await self._commit(
            lambda connection: effects.settle(
                connection, operation_id, (books.HELD,), books.CANCELED, "expired"
            )
        )

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

    async def _drawing(self, operation: Operation, amount: Money | None = None) -> Request:
        """Return a request whose source is the charge itself, where it names a capture of it."""
        request = Request.of(operation, amount)
        charge_id = await self._commit(
            lambda connection: books.read_charge_id(connection, request.charge_id)
        )
        return replace(request, charge_id=charge_id)

    async def _refund_script(self, charge_id: str) -> Script:
        method = await self._commit(lambda connection: books.read_method(connection, charge_id))
        return method_scripts(method).refund if method else Script()

    async def _settle(
        self, operation_id: str, old: tuple[str, ...], new: PaymentOutcome, detail: str = ""
    ) -> None:
        async def step(connection: AsyncConnection) -> None:
            if not await effects.settle_refund(connection, operation_id, old, new.value, detail):
                await effects.settle(connection, operation_id, old, new.value, detail)

        await self._commit(step)

    async def _play(self, script: Script, request: Request, effect: Effect) -> ProviderAnswer:
        if script.fault is Fault.REFUSED:
            raise ProviderRefused(f"The sandbox refuses this {request.kind}, as its token asks.")
        if script.fault is Fault.UNAVAILABLE:
            await self._be_unavailable(request.operation_id, script.figure)
        if script.fault is Fault.NOT_READY and request.kind is OperationKind.TRANSFER:
            await self._be_not_ready(request.operation_id, script.figure)
        if script.fault is Fault.ERROR_KEPT and request.attempt == 1:
            await self._keep_error(request)
        is_new, answer = await self._commit(
            lambda connection: books.enter(connection, request, effect)
        )
        if is_new and script.fault is Fault.TIMEOUT_AFTER_SUCCESS:
            raise OutcomeUnknown(f"The answer to this {request.kind} was lost.")
        if script.fault is Fault.ERROR_KEPT_AFTER_SUCCESS and request.attempt == 1:
            await self._keep_error(request)
        if is_new and script.fault is Fault.HANG_AFTER_SUCCESS:
            await asyncio.sleep(script.figure)
        return answer

    async def _be_unavailable(self, operation_id: str, times: int) -> None:
        if await self._counts(operation_id, times):
            raise ProviderUnavailable("The sandbox asks to try later.")

    async def _be_not_ready(self, operation_id: str, times: int) -> None:
        if await self._counts(operation_id, times):
            raise AccountNotReady("The account is not set up yet.", code="not_ready")

    async def _keep_error(self, request: Request) -> None:
        is_first = await self._counts(request.operation_id, 1)
        raise OutcomeUnknown(f"The sandbox failed in this {request.kind}.", key_spent=not is_first)

    async def _counts(self, operation_id: str, times: int) -> bool:
        """Count one more call of a scripted failure; false once there were enough of them."""
        return await self._commit(
            lambda connection: books.count_failure(connection, operation_id, times)
        )

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
