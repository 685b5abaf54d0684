"""Activities that move money, each in the steps of `activities/payment_moves.py`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from typing import Any

from temporalio import activity

from activities.payment_moves import PaymentMoves, struck_booking
from activities.payment_ports import Operation, ProviderAnswer
from domain.ids import PersonId
from domain.ledger import (
    Bearer,
    DuesNetted,
    Released,
    authorisation_booking,
    charge_booking,
    payout_booking,
    refund_booking,
    surplus_returned_booking,
)
from domain.money import Money
from domain.transitions import MoneyCommand, MoneyMoved, PaymentIntent, PaymentOutcome


class PaymentActivities(PaymentMoves):
    """Moves money at the provider and books it.

    Raises:
        ApplicationError: final with type `provider_refused`, `account_not_ready` or a
            `RefusalCode`; to be tried again with type `provider_unavailable` or
            `outcome_unknown`. No message carries a token.
    Idempotency: every activity has one effect for one intent, however often it runs.
    """

    @property
    def all(self) -> Sequence[Callable[..., Awaitable[Any]]]:
        """Return every activity, for a worker."""
        return (
            self.hold_funds,
            self.authorise_funds,
            self.save_method,
            self.capture_funds,
            self.void_hold,
            self.refund_funds,
            self.release_funds,
            self.release_compensation,
            self.pay_out,
            self.net_dues,
            self.return_surplus,
            self.release_giver_share,
            self.pay_out_giver,
        )

    @activity.defn
    async def hold_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Charge the customer and book the held payment; a decline is a result.

        Running it again for an unsettled charge reads how the charge stands now.
        """
        intent = command.intent
        booking = charge_booking(intent.operation_id, command.delivery_id, intent.amount)
        return await self._move(
            command,
            lambda operation: self._provider.charge(
                operation, intent.amount, intent.method, off_session=intent.off_session
            ),
            (booking,),
        )

    @activity.defn
    async def authorise_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Have the customer's bank set the payment aside and note it; a decline is a result."""
        intent = command.intent
        booking = authorisation_booking(intent.operation_id, command.delivery_id, intent.amount)
        return await self._move(
            command,
            lambda operation: self._provider.authorise(
                operation, intent.amount, intent.method, off_session=intent.off_session
            ),
            (booking,),
        )

    @activity.defn
    async def save_method(self, command: MoneyCommand) -> MoneyMoved:
        """Have the customer's payment method saved to be charged later; a decline is a result.

        Running it again for an unsettled saving reads how it stands now.
        """
        method = command.intent.method
        return await self._move(
            command, lambda operation: self._provider.save_method(operation, method), ()
        )

    @activity.defn
    async def capture_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Take all of the authorised payment and book it as held.

        A decline is a result: the bank has let the money go, and the authorisation is struck out.
        """
        intent, delivery_id = command.intent, command.delivery_id
        struck = struck_booking(command)
        booking = charge_booking(intent.operation_id, delivery_id, intent.amount)
        return await self._move(
            command,
            lambda operation: self._provider.capture(operation, intent.amount),
            (struck, booking),
            if_declined=(struck,),
        )

    @activity.defn
    async def void_hold(self, command: MoneyCommand) -> MoneyMoved:
        """Make sure that a charge, authorisation or saved method is not in force.

        A charge that took money without ever being booked is booked together with its refund, so
        that the ledger shows what the provider's statement shows.
        """
        return await self._move(command, self._provider.void, ())

    @activity.defn
    async def refund_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Give money of the held payment back to the customer."""
        intent = command.intent
        bearer = command.bearer or Bearer.CUSTOMER
        booking = refund_booking(intent.operation_id, command.delivery_id, intent.amount, bearer)
        return await self._move(
            command,
            lambda operation: self._provider.refund(operation, intent.amount),
            (booking,),
        )

    @activity.defn
    async def release_funds(self, command: MoneyCommand) -> MoneyMoved:
        """Transfer the traveler's part of the held payment and recognise the platform fee.

        A traveler who had no account when the offer was accepted is paid at the one there is now.
        """
        return await self._release(command)

    @activity.defn
    async def release_compensation(self, command: MoneyCommand) -> MoneyMoved:
        """Transfer what a traveler gets for a journey in vain, and recognise the platform's fee."""
        return await self._release(command, in_vain=True)

    @activity.defn
    async def pay_out(self, command: MoneyCommand) -> MoneyMoved:
        """Send what the traveler was transferred to the traveler's bank.

        Where the provider does that by itself, the transfer was the last thing to ask for.
        """
        intent, traveler_id = command.intent, _traveler(command)
        booking = payout_booking(
            intent.operation_id, command.delivery_id, traveler_id, intent.amount
        )
        return await self._move(
            command,
            lambda operation: self._pay_out(operation, intent, traveler_id),
            (booking,),
        )

    @activity.defn
    async def release_giver_share(self, command: MoneyCommand) -> MoneyMoved:
        """Transfer the part of a traveler who handed the parcel on; no fee is recognised with it.

        One that is only looked up and is not there keeps no money set aside.
        """
        moved = await self._release(command)
        if command.only_look_up and moved.outcome is not PaymentOutcome.SUCCEEDED:
            await self._operations.mark_unsent(command.intent)
        return moved

    @activity.defn
    async def pay_out_giver(self, command: MoneyCommand) -> MoneyMoved:
        """Send what such a traveler was transferred to that traveler's bank."""
        return await self.pay_out(command)

    @activity.defn
    async def net_dues(self, command: MoneyCommand) -> MoneyMoved:
        """Take a part of a transfer back and pay the traveler's debts with it.

        What nobody owes any more by then is kept apart, and the result says how much it is.
        """
        intent = command.intent
        booking = DuesNetted(
            intent.operation_id,
            command.delivery_id,
            _traveler(command),
            intent.amount,
            command.dues,
        )
        moved = await self._move(
            command,
            lambda operation: self._provider.reverse(operation, intent.amount),
            (booking,),
        )
        if moved.outcome is not PaymentOutcome.SUCCEEDED:
            # Somebody goes on without it, and the provider has nothing of it: it claims no debt now.
            await self._operations.mark_unsent(intent)
            return moved
        left_over = await self._operations.left_of_netting(intent)
        return replace(moved, left_over=left_over if left_over.amount_minor else None)

    @activity.defn
    async def return_surplus(self, command: MoneyCommand) -> MoneyMoved:
        """Transfer what a netting took back in vain to the traveler again.

        The provider pays it out of the platform's balance: what the charge can be drawn on for is
        used up by the first transfer.
        """
        intent, traveler_id = command.intent, _traveler(command)
        booking = surplus_returned_booking(
            intent.operation_id, command.delivery_id, traveler_id, intent.amount
        )
        return await self._move(
            command,
            lambda operation: self._transfer(operation, intent, traveler_id),
            (booking,),
        )

    async def _release(self, command: MoneyCommand, *, in_vain: bool = False) -> MoneyMoved:
        intent, traveler_id = command.intent, _traveler(command)
        booking = Released(
            intent.operation_id,
            command.delivery_id,
            traveler_id,
            intent.amount,
            intent.fee or Money(0, intent.amount.currency),
            in_vain=in_vain,
        )
        return await self._move(
            command,
            lambda operation: self._transfer(operation, intent, traveler_id),
            (booking,),
            reserved=not command.only_look_up,
        )

    async def _transfer(
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


def _traveler(command: MoneyCommand) -> PersonId:
    traveler_id = command.payee_id or command.on_success.standing.traveler_id
    assert traveler_id is not None, "money is released only once an offer was accepted"
    return traveler_id
