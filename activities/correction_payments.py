"""Activities that move money after the fact, each in the steps of `activities/payment_moves.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from temporalio import activity

from activities.payment_moves import PaymentMoves
from activities.payment_ports import Operation, ProviderAnswer, ProviderRefused
from domain.ids import PersonId
from domain.ledger import (
    Bearer,
    LedgerTransaction,
    TransferReversed,
    borne_refund_booking,
    payout_booking,
    platform_bears,
    platform_compensation_booking,
    refund_booking,
    tip_booking,
    tip_release_booking,
    traveler_bears,
)
from domain.transitions import LateMoneyCommand, MoneyMoved, PaymentIntent, PaymentOutcome


class CorrectionPayments(PaymentMoves):
    """Moves the money of corrections and books it.

    Raises:
        ApplicationError: as `PaymentActivities` says.
    Idempotency: every activity has one effect for one intent, however often it runs.
    """

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """Return every activity, for a worker."""
        return (
            self.refund_goodwill,
            self.refund_again,
            self.reverse_transfer,
            self.compensate_traveler,
            self.charge_tip,
            self.void_tip,
            self.send_tip,
            self.pay_out_extra,
        )

    @activity.defn
    async def refund_goodwill(self, command: LateMoneyCommand) -> MoneyMoved:
        """Give money back to the customer that somebody else bears."""
        intent = command.intent
        burden = (
            traveler_bears(_traveler(command), intent.amount)
            if command.bearer is Bearer.TRAVELER
            else platform_bears(intent.amount)
        )
        booking = borne_refund_booking(intent.operation_id, command.delivery_id, burden)
        return await self._refund(command, booking)

    @activity.defn
    async def refund_again(self, command: LateMoneyCommand) -> MoneyMoved:
        """Give the customer again what had come back into the held payment."""
        intent, bearer = command.intent, command.bearer or Bearer.CUSTOMER
        booking = refund_booking(intent.operation_id, command.delivery_id, intent.amount, bearer)
        return await self._refund(command, booking, held=True)

    @activity.defn
    async def reverse_transfer(self, command: LateMoneyCommand) -> MoneyMoved:
        """Take a transfer back for what the traveler owes; a refusal leaves the debt."""
        booking = TransferReversed(
            command.intent.operation_id,
            command.delivery_id,
            _traveler(command),
            command.intent.amount,
            from_account=self._provider.capabilities.automatic_payouts,
        )
        return await self._move(
            command, lambda operation: self._reverse(operation, command.intent), (booking,)
        )

    @activity.defn
    async def compensate_traveler(self, command: LateMoneyCommand) -> MoneyMoved:
        """Transfer money of the platform's own to the traveler."""
        intent, traveler_id = command.intent, _traveler(command)
        booking = platform_compensation_booking(
            intent.operation_id, command.delivery_id, traveler_id, intent.amount
        )
        return await self._move(
            command, lambda operation: self._send(operation, intent, traveler_id), (booking,)
        )

    @activity.defn
    async def charge_tip(self, command: LateMoneyCommand) -> MoneyMoved:
        """Charge the customer a tip; a decline is a result."""
        intent = command.intent
        booking = tip_booking(intent.operation_id, command.delivery_id, intent.amount)
        return await self._move(
            command,
            lambda operation: self._provider.charge(operation, intent.amount, intent.method),
            (booking,),
        )

    @activity.defn
    async def void_tip(self, command: LateMoneyCommand) -> MoneyMoved:
        """Make sure that the charge of a tip is not in force."""
        return await self._move(command, self._provider.void, ())

    @activity.defn
    async def send_tip(self, command: LateMoneyCommand) -> MoneyMoved:
        """Transfer a tip to the traveler, all of it."""
        intent, traveler_id = command.intent, _traveler(command)
        booking = tip_release_booking(
            intent.operation_id, command.delivery_id, traveler_id, intent.amount
        )
        return await self._move(
            command, lambda operation: self._send(operation, intent, traveler_id), (booking,)
        )

    @activity.defn
    async def pay_out_extra(self, command: LateMoneyCommand) -> MoneyMoved:
        """Send to the traveler's bank what the traveler got besides the price, or got back."""
        intent, traveler_id = command.intent, _traveler(command)
        booking = payout_booking(
            intent.operation_id, command.delivery_id, traveler_id, intent.amount
        )
        return await self._move(
            command, lambda operation: self._pay_out(operation, intent, traveler_id), (booking,)
        )

    async def _refund(
        self, command: LateMoneyCommand, booking: LedgerTransaction, *, held: bool = False
    ) -> MoneyMoved:
        amount = command.intent.amount
        return await self._move(
            command,
            lambda operation: self._provider.refund(operation, amount),
            (booking,),
            reserved=held,
        )

    async def _reverse(self, operation: Operation, intent: PaymentIntent) -> ProviderAnswer:
        if not self._provider.capabilities.reversals:
            raise ProviderRefused("This provider takes no transfer back.")
        return await self._provider.reverse(operation, intent.amount)

    async def _send(
        self, operation: Operation, intent: PaymentIntent, traveler_id: PersonId
    ) -> ProviderAnswer:
        account = await self._account_for(intent, traveler_id)
        return await self._provider.transfer(operation, intent.amount, account)

    async def _pay_out(
        self, operation: Operation, intent: PaymentIntent, traveler_id: PersonId
    ) -> ProviderAnswer:
        if self._provider.capabilities.automatic_payouts:
            return ProviderAnswer(PaymentOutcome.SUCCEEDED, "")
        account = await self._account_for(intent, traveler_id)
        return await self._provider.pay_out(operation, intent.amount, account)


def _traveler(command: LateMoneyCommand) -> PersonId:
    assert command.traveler_id is not None, "it concerns a traveler's account"
    return command.traveler_id
