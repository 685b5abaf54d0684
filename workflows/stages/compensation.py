"""A late end before the pickup: the traveler is compensated out of the held payment."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.reopening import ReopeningStage

with workflow.unsafe.imports_passed_through():
    from domain.cancellation import CancellationCost, kept_of
    from domain.contracts import Actor, DeliveryOrder
    from domain.leaving.withdrawal import strike_facts
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind, OperationKind


class CompensationStage(ReopeningStage):
    """From a cancellation with a cost to a settlement that shares the payment out."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.agreed_cost: CancellationCost | None = None

    def start_over(self) -> None:
        """Forget what leaving would have cost."""
        super().start_over()
        self.agreed_cost = None

    async def begin_leave(self, leaver: Actor, reason: str) -> None:
        """Begin to give the payment back, or to share it out when leaving costs something."""
        if self.is_given_back:
            await self.begin_departure(leaver, reason, strike_facts(leaver))
            return
        cost = self.agreed_cost
        # What was only reserved is given back whole: nothing of it can be kept.
        is_taken = self.standing.escrow == EscrowStatus.HELD
        if cost is None or cost.is_free or not is_taken:
            await self.begin_refund(leaver, reason, strike_facts(leaver))
        else:
            await self._begin_compensation(leaver, cost, reason)

    async def _begin_compensation(self, actor: Actor, cost: CancellationCost, reason: str) -> None:
        shares = cost.shares
        assert shares is not None, "only an agreed price can cost anything"
        self.kept = shares
        self.to_refund, self.to_release = shares.refund, kept_of(shares)
        refund = self.intent(OperationKind.REFUND, shares.refund)
        await self.record(
            self.transition(
                EventKind.CANCELLATION_STARTED,
                "cancellation_started",
                actor,
                self.moving(DeliveryStatus.SETTLING, EscrowStatus.SPLITTING),
                facts={
                    "reason": reason,
                    "because": cost.because,
                    "amount": str(shares.compensation),
                    "fee": str(shares.fee),
                    "refund_minor": str(shares.refund.amount_minor),
                    "release_minor": str(kept_of(shares).amount_minor),
                },
                intent=refund
                if shares.refund.amount_minor
                else self.transfer_intent(kept_of(shares)),
            )
        )
