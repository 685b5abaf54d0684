"""Settlement stage: the held payment goes where it belongs, and the delivery closes."""

from __future__ import annotations

from temporalio import workflow

from workflows.money import StepHeldBack, StepSkipped
from workflows.stages.account import AccountStage
from workflows.steps import PAY_OUT, REFUND_FUNDS, RELEASE_FUNDS

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, DeliveryOrder, Standing
    from domain.money import Money
    from domain.pricing import price_shares
    from domain.status import DeliveryStatus, DisputeStatus, EscrowStatus
    from domain.transitions import EventKind, MoneyCommand, OperationKind, PaymentIntent


class SettlementStage(AccountStage):
    """From the decision about the money to a closed delivery.

    What a step has to wait for ends the stage's turn; the stage is then entered again.
    """

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.share_is_refunded = False

    async def release_payment(self) -> None:
        """Transfer the traveler's share; the platform fee is recognised with it."""
        await self._release(EscrowStatus.RELEASED)

    async def settle_split(self) -> None:
        """Refund the customer's share first, then release the rest."""
        if not self.share_is_refunded:
            await self._refund_share()
            self.share_is_refunded = True
        await self._release(EscrowStatus.SPLIT)

    async def refund_payment(self) -> None:
        """Give the held payment back to the customer and close."""
        amount = self.to_refund or self.held
        disputed = self.standing.dispute == DisputeStatus.DECIDED
        closed = DeliveryStatus.REFUNDED if disputed else DeliveryStatus.CANCELLED
        refunded = self.transition(
            EventKind.REFUNDED,
            "refunded",
            PLATFORM,
            self.armed(closed, escrow=EscrowStatus.REFUNDED),
            facts={"amount": str(amount)},
        )
        intent = self.intent(OperationKind.REFUND, amount)
        await self.move(REFUND_FUNDS, MoneyCommand(self.delivery_id, intent, refunded))

    async def pay_out(self) -> None:
        """Send the traveler's share to the bank and close; a skipped payout stays owed."""
        intent = self._payout_intent()
        facts = {"amount": str(intent.amount)}
        paid_out = self.transition(
            EventKind.PAID_OUT, "paid_out", PLATFORM, self._closed(), facts=facts
        )
        try:
            await self.move(PAY_OUT, MoneyCommand(self.delivery_id, intent, paid_out))
        except StepSkipped:
            await self.record(
                self.transition(
                    EventKind.PAYOUT_SKIPPED,
                    "payout_skipped",
                    PLATFORM,
                    self._closed(),
                    facts=facts,
                )
            )

    async def _refund_share(self) -> None:
        transfer = self.transfer_intent(self.to_release or self.held)
        refunded = self.transition(
            EventKind.SHARE_REFUNDED,
            "share_refunded",
            PLATFORM,
            self.moving(DeliveryStatus.SETTLING, EscrowStatus.SPLITTING),
            facts={"amount": str(self.to_refund)},
            intent=transfer,
        )
        refund = self.intent(OperationKind.REFUND, self.to_refund or self.held)
        await self.move(REFUND_FUNDS, MoneyCommand(self.delivery_id, refund, refunded))

    async def _release(self, escrow: EscrowStatus) -> None:
        intent = self.transfer_intent(self.to_release or self.held)
        released = self.transition(
            EventKind.RELEASED,
            "released",
            PLATFORM,
            self.moving(DeliveryStatus.PAYING_OUT, escrow),
            facts={"amount": str(intent.amount), "fee": str(intent.fee)},
            intent=self._payout_intent(),
        )
        news_seen = self.account_news
        try:
            await self.move(RELEASE_FUNDS, MoneyCommand(self.delivery_id, intent, released))
        except StepHeldBack:
            await self.await_account(intent.amount, news_seen)

    def _payout_intent(self) -> PaymentIntent:
        amount: Money = price_shares(self.policies.fees, self.to_release or self.held).traveler
        return self.intent(OperationKind.PAYOUT, amount)

    def _closed(self) -> Standing:
        split = self.standing.escrow == EscrowStatus.SPLIT
        return self.armed(DeliveryStatus.SETTLED if split else DeliveryStatus.COMPLETED)
