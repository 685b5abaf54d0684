"""Return stage: what could not be handed over goes back to its sender, and the money is shared."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.base import DeliveryStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        PLATFORM,
        Actor,
        CodePurpose,
        DeliveryOrder,
        DisputeReason,
        Role,
    )
    from domain.deadlines import DeadlineKind
    from domain.ids import DisputeId
    from domain.journey.undeliverable import JourneyState, return_shares
    from domain.money import Money
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind, OperationKind, PaymentIntent, Transition


class ReturnStage(DeliveryStage):
    """From a parcel that nobody takes to one that its sender has again."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.journey = JourneyState()

    async def begin_return(self, actor: Actor, facts: dict[str, str]) -> None:
        """Send the traveler back to the sender, whose code is needed then."""
        due_at = self.due_in(self.policies.journey.return_s)
        await self.record(
            self.transition(
                EventKind.RETURN_STARTED,
                "return_started",
                actor,
                self.armed(DeliveryStatus.RETURNING, DeadlineKind.RETURN, due_at),
                facts={"reason": self.journey.obstacle or "", **facts},
                codes=(CodePurpose.RETURN,),
            )
        )

    async def bring_back(self) -> None:
        """Wait for the scan of the sender's code; otherwise an agent looks into it."""
        await self.wait_or_default(
            lambda: self.status is not DeliveryStatus.RETURNING or self.stop_requested,
            self._return_overdue,
        )
        await self._hand_over_if_stopped(DeliveryStatus.RETURNING)

    async def inspect_return(self) -> None:
        """Wait for the customer's word; otherwise the return counts as confirmed."""
        await self.wait_or_default(
            lambda: self.status is not DeliveryStatus.RETURNED or self.stop_requested,
            self._return_counts_as_confirmed,
        )
        await self._hand_over_if_stopped(DeliveryStatus.RETURNED)

    def returned(self, actor: Actor) -> Transition:
        """Return the transition of an accepted scan of the sender's code."""
        refund, release = self._shares()
        due_at = self.due_in(self.policies.journey.return_inspection_s)
        return self.transition(
            EventKind.RETURNED,
            "returned",
            actor,
            self.armed(DeliveryStatus.RETURNED, DeadlineKind.RETURN_INSPECTION, due_at),
            facts=_shared(refund, release),
        )

    async def settle_return(self, actor: Actor) -> None:
        """Begin to share the held payment out: the ways are paid, the rest goes back."""
        refund, release = self._shares()
        self.to_refund, self.to_release = refund, release
        is_split = release.amount_minor > 0
        status = DeliveryStatus.SETTLING if is_split else DeliveryStatus.REFUNDING
        escrow = EscrowStatus.SPLITTING if is_split else EscrowStatus.REFUNDING
        await self.record(
            self.transition(
                EventKind.RETURN_SETTLED,
                "return_settled",
                actor,
                self.moving(status, escrow),
                facts=_shared(refund, release),
                intent=self._first_intent(refund, release),
            )
        )
        self.is_returned = True

    async def hand_to_agent(self, actor: Actor, reason: DisputeReason) -> None:
        """Open a dispute that no party asked for."""
        await self.begin_dispute(actor, reason, DisputeId(str(workflow.uuid7())))

    def _shares(self) -> tuple[Money, Money]:
        return return_shares(self.policies.journey, self.held, self.journey.obstacle)

    def _first_intent(self, refund: Money, release: Money) -> PaymentIntent:
        if refund.amount_minor > 0:
            return self.intent(OperationKind.REFUND, refund)
        return self.transfer_intent(release)

    async def _hand_over_if_stopped(self, status: DeliveryStatus) -> None:
        async with self.turn:
            if self.status is status and self.stop_requested:
                await self.hand_to_agent(Actor(Role.OPERATOR), DisputeReason.STOPPED_BY_OPERATOR)

    async def _return_overdue(self) -> None:
        await self.hand_to_agent(PLATFORM, DisputeReason.RETURN_OVERDUE)

    async def _return_counts_as_confirmed(self) -> None:
        await self.settle_return(PLATFORM)


def _shared(refund: Money, release: Money) -> dict[str, str]:
    return {
        "refund_minor": str(refund.amount_minor),
        "release_minor": str(release.amount_minor),
    }
