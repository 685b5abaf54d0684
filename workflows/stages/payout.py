"""Paying out what was released, and the close of a delivery that went well."""

from __future__ import annotations

from temporalio import workflow

from workflows.money import StepHeldBack, StepSkipped
from workflows.stages.netting import NettingStage
from workflows.steps import PAY_OUT

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from domain.contracts import PLATFORM
    from domain.errors import RefusalCode
    from domain.money import Money
    from domain.transitions import EventKind, MoneyCommand, PaymentIntent, Transition


class PayoutStage(NettingStage):
    """From a released payment to the payout and the close."""

    async def pay_out(self) -> None:
        """Send the traveler's share to the bank and close; a skipped payout stays owed.

        What the traveler owes is kept back first, and what a chargeback has taken back is waited
        for; the stage is then entered again.
        """
        if self.is_taker_paid:
            await self.settle_giver()
            return
        payout = self.payout_intent()
        if self.netting is not None:
            await self.keep_back(self.netting, payout)
        elif self.surplus is not None:
            await self.give_back(self.surplus, payout)
        elif payout.amount.amount_minor:
            await self._send_to_bank(payout)
        else:
            await self.record(self._closing(EventKind.NOTHING_TO_PAY_OUT, payout))
            self.is_taker_paid = True

    async def _send_to_bank(self, payout: PaymentIntent) -> None:
        paid_out = self._closing(EventKind.PAID_OUT, payout)
        command = MoneyCommand(self.delivery_id, payout, paid_out, despite_dues=self.dues_stay)
        news_seen = self.chargeback_news
        try:
            await self.move(PAY_OUT, command)
            self.is_taker_paid = True
        except StepHeldBack as held_back:
            if held_back.reason == RefusalCode.DUES_FIRST:
                await self.begin_netting(payout)
            elif self.is_lost:
                await self._pay_out_what_is_left(payout)
            else:
                await self.await_chargeback(payout, news_seen)
        except StepSkipped:
            await self.record(self._closing(EventKind.PAYOUT_SKIPPED, payout))
            self.is_taker_paid = True

    async def _pay_out_what_is_left(self, payout: PaymentIntent) -> None:
        """Go on with what a lost chargeback has not taken back from the traveler."""
        left: Money = await self.in_database(
            RecordActivities.left_to_pay_out,
            [self.delivery_id, self.order.currency],
            "read what is left to pay out",
        )
        rest = self.next_payout(payout, left)
        async with self.turn:
            await self.record(
                self.transition(
                    EventKind.PAYOUT_REDUCED,
                    f"payout_reduced:{self.payout_round}",
                    PLATFORM,
                    self.still_paying_out(),
                    facts={"amount": str(payout.amount), "left": str(left)},
                    intent=rest if left.amount_minor else None,
                    supersedes=payout.operation_id,
                )
            )
            self.payout_round += 1
            self.payout_left = left

    def _closing(self, event: EventKind, payout: PaymentIntent) -> Transition:
        return self.transition(
            event,
            event,
            PLATFORM,
            self.after_payout(),
            facts={"amount": str(payout.amount)},
            supersedes=self.unused_netting_id,
        )
