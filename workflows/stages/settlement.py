"""Settlement stage: the held payment goes where it belongs, and the delivery closes."""

from __future__ import annotations

from temporalio import workflow

from workflows.money import StepHeldBack
from workflows.stages.payout import PayoutStage
from workflows.stages.reopening import ReopeningStage
from workflows.steps import REFUND_FUNDS, RELEASE_COMPENSATION, RELEASE_FUNDS, OnFailure, Step

with workflow.unsafe.imports_passed_through():
    from activities.payment_errors import ACCOUNT_NOT_READY
    from domain.contracts import PLATFORM, DeliveryOrder
    from domain.money import Money
    from domain.status import DeliveryStatus, DisputeStatus, EscrowStatus
    from domain.transitions import EventKind, MoneyCommand, OperationKind, PaymentIntent, Transition


class SettlementStage(PayoutStage, ReopeningStage):
    """From the decision about the money to a closed delivery.

    Whatever keeps a movement back is waited for; the stage is then entered again from its beginning.
    """

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.asked_for = ""

    async def release_payment(self) -> None:
        """Transfer the traveler's share; the platform fee is recognised with it."""
        await self._release(EscrowStatus.RELEASED)

    async def settle_split(self) -> None:
        """Refund the customer's share first, then release the rest."""
        refund = self.to_refund or self.held
        if not self.share_is_refunded and refund.amount_minor:
            self.share_is_refunded = await self._refund_share(refund)
        else:
            await self._release(EscrowStatus.SPLIT)

    async def refund_payment(self) -> None:
        """Give the held payment back to the customer and close."""
        amount = self.to_refund or self.held
        disputed = self.standing.dispute == DisputeStatus.DECIDED or self.is_returned
        closed = DeliveryStatus.REFUNDED if disputed else DeliveryStatus.CANCELLED
        refunded = self.transition(
            EventKind.REFUNDED,
            "refunded",
            PLATFORM,
            self.armed(closed, escrow=EscrowStatus.REFUNDED),
            facts={"amount": str(amount)},
        )
        # Who took the payment back through the bank is not looked for another traveler.
        is_taken = (self.taken_before + self.newly_taken).amount_minor > 0
        self.state.is_reopening = self.state.is_reopening and not is_taken
        if self.state.is_reopening:
            refunded = self.reopened()
        intent = self.intent(OperationKind.REFUND, amount)
        if await self._settle(REFUND_FUNDS, intent, refunded) and self.state.is_reopening:
            self.start_over()

    async def _refund_share(self, amount: Money) -> bool:
        refunded = self.transition(
            EventKind.SHARE_REFUNDED,
            "share_refunded",
            PLATFORM,
            self.moving(DeliveryStatus.SETTLING, EscrowStatus.SPLITTING),
            facts={"amount": str(amount)},
            intent=self.transfer_intent(self.to_release or self.held),
        )
        return await self._settle(REFUND_FUNDS, self.intent(OperationKind.REFUND, amount), refunded)

    async def _release(self, escrow: EscrowStatus) -> None:
        await self.try_giver()
        intent = self.transfer_intent(self.to_release or self.held)
        is_earned = self.kept is None
        released = self.transition(
            EventKind.RELEASED if is_earned else EventKind.COMPENSATION_RELEASED,
            "released",
            PLATFORM,
            self.moving(DeliveryStatus.PAYING_OUT, escrow),
            facts={"amount": str(intent.amount), "fee": str(intent.fee)},
            intent=self.payout_intent(),
        )
        step = RELEASE_FUNDS if is_earned else RELEASE_COMPENSATION
        await self._settle(step, intent, released)

    async def _settle(self, step: Step, intent: PaymentIntent, success: Transition) -> bool:
        """Move money by a step, or wait for what keeps it back; return whether it was moved."""
        is_at_provider = intent.operation_id == self.asked_for
        if self.newly_taken.amount_minor > 0 and not is_at_provider:
            await self.learn_of_giver(OnFailure.PARK)
            await self.go_on_with_rest(intent)
            return False
        account_news, chargeback_news = self.account_news, self.chargeback_news
        self.asked_for = intent.operation_id
        try:
            bearer = self.refund_bearer
            await self.move(step, MoneyCommand(self.delivery_id, intent, success, bearer=bearer))
        except StepHeldBack as held_back:
            self.asked_for = ""
            if held_back.reason == ACCOUNT_NOT_READY:
                await self.await_account(intent.amount, account_news)
                return False
            await self.learn_of_giver()
            if self.newly_taken.amount_minor <= 0:
                await self.await_chargeback(intent, chargeback_news)
            return False
        return True
