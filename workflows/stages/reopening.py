"""A traveler leaves before the pickup: everything goes back, and the request is open again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from temporalio import workflow

from workflows.stages.base import DeliveryStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, Actor, DeliveryOrder
    from domain.leaving.withdrawal import may_reopen, offers_after_leaving, start_over, strike_facts
    from domain.ledger import Bearer
    from domain.lifecycle import opening_standing
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind, OperationKind, Transition


class ReopeningStage(DeliveryStage):
    """From a traveler who leaves to a request that takes offers again, or to the close."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.is_given_back = False
        self.refund_bearer: Bearer | None = None

    def transition(self, event: EventKind, key: str, *arguments: Any, **changes: Any) -> Transition:
        """Return a transition of this delivery, dated now; what happens again has a key of its own."""
        times = self.state.reopenings
        again = f"@{times + 1}" if times else ""
        return super().transition(event, key + again, *arguments, **changes)

    async def begin_departure(self, actor: Actor, reason: str, facts: Mapping[str, str]) -> None:
        """Begin to give the payment back because the traveler leaves."""
        if not may_reopen(self.state, workflow.now()):
            await self.begin_refund(actor, reason, facts)
            return
        self.to_refund, self.state.is_reopening = self.held, True
        is_taken = self.standing.escrow != EscrowStatus.AUTHORISED
        escrow = EscrowStatus.REFUNDING if is_taken else EscrowStatus.VOIDING
        kind = OperationKind.REFUND if is_taken else OperationKind.VOID
        await self.record(
            self.transition(
                EventKind.TRAVELER_LEFT,
                "traveler_left",
                actor,
                self.moving(DeliveryStatus.REFUNDING, escrow),
                facts={"reason": reason, **facts},
                intent=self.intent(kind, self.held),
            )
        )

    async def leave_unheld(self, actor: Actor, reason: str, facts: Mapping[str, str]) -> None:
        """Open the request again, or close it: nothing is held that could go back."""
        if may_reopen(self.state, workflow.now()):
            await self.record(self.reopened(actor, EscrowStatus.NONE, {"reason": reason, **facts}))
            self.start_over()
        else:
            await self.close_unpaid(EventKind.CANCELLED, actor, reason, facts=facts)

    def reopened(
        self,
        actor: Actor = PLATFORM,
        outcome: EscrowStatus = EscrowStatus.REFUNDED,
        facts: Mapping[str, str] | None = None,
    ) -> Transition:
        """Return the transition by which the request takes offers again.

        `outcome` is what became of the payment: it ends here, and the next one begins with nothing.
        """
        return self.transition(
            EventKind.REOPENED,
            "reopened",
            actor,
            opening_standing(self.order),
            facts={"outcome": outcome, **(facts or {})},
            offers=offers_after_leaving(self.state),
        )

    async def leave_unpaid(self, leaver: Actor, reason: str) -> None:
        """Take the exit of somebody who leaves while nothing is held."""
        facts = strike_facts(leaver)
        if self.is_given_back:
            await self.leave_unheld(leaver, reason, facts)
        else:
            await self.close_unpaid(EventKind.CANCELLED, leaver, reason, facts=facts)

    def start_over(self) -> None:
        """Forget what the last acceptance has left; every stage forgets its own."""
        start_over(self.state)
        self.is_given_back = self.is_captured = False
        self.to_refund = self.to_release = self.held_at = self.refund_bearer = None
        # What is asked of the provider from now on is about another payment.
        self.settlement_round += 1
