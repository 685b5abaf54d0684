"""Activities that move a delivery's money whatever the delivery itself does, also after its close."""

from __future__ import annotations

from dataclasses import replace

from temporalio import activity

from activities.payment_moves import PaymentMoves
from activities.payment_ports import Operation, ProviderAnswer, ProviderRefused
from domain.ids import PersonId
from domain.ledger import ReleasedAgain, TransferRecalled
from domain.transitions import LateMoneyCommand, MoneyMoved, PaymentIntent


class LatePaymentActivities(PaymentMoves):
    """Moves money late and books it, in the steps of `activities/payment_moves.py`.

    Raises:
        ApplicationError: as `PaymentActivities` says.
    Idempotency: every activity has one effect for one intent, however often it runs.
    """

    @activity.defn
    async def recall_transfer(self, command: LateMoneyCommand) -> MoneyMoved:
        """Take a transfer back from the traveler's account into the held payment."""
        assert command.traveler_id is not None, "a transfer went to somebody"
        booking = TransferRecalled(
            command.intent.operation_id,
            command.delivery_id,
            command.traveler_id,
            command.intent.amount,
            from_account=self._provider.capabilities.automatic_payouts,
        )
        return await self._move(
            command, lambda operation: self._reverse(operation, command.intent), (booking,)
        )

    @activity.defn
    async def release_again(self, command: LateMoneyCommand) -> MoneyMoved:
        """Transfer what was recalled to the traveler again; its source is the recall.

        The provider pays it out of the platform's balance: what a charge can be drawn on for is
        used up by the first transfer.
        """
        intent, traveler_id = command.intent, command.traveler_id
        assert traveler_id is not None, "what is released goes to somebody"
        booking = ReleasedAgain(
            intent.operation_id,
            intent.source_operation_id,
            command.delivery_id,
            traveler_id,
            intent.amount,
        )
        return await self._move(
            command,
            lambda operation: self._send_again(operation, intent, traveler_id),
            (booking,),
        )

    @activity.defn
    async def forget_method(self, command: LateMoneyCommand) -> MoneyMoved:
        """Have the provider forget a payment method that it saved; no money is moved."""
        return await self._move(command, self._provider.void, ())

    async def _send_again(
        self, operation: Operation, intent: PaymentIntent, traveler_id: PersonId
    ) -> ProviderAnswer:
        account = await self._account_for(intent, traveler_id)
        return await self._provider.transfer(
            replace(operation, source=None), intent.amount, account
        )

    async def _reverse(self, operation: Operation, intent: PaymentIntent) -> ProviderAnswer:
        if not self._provider.capabilities.reversals:
            raise ProviderRefused("This provider takes no transfer back.")
        return await self._provider.reverse(operation, intent.amount)
