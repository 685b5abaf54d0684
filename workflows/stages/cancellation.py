"""Cancellation before pickup: what it costs is agreed upon when the command is taken."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.capture import CaptureStage
from workflows.stages.compensation import CompensationStage
from workflows.stages.offer import OfferStage

with workflow.unsafe.imports_passed_through():
    from domain.cancellation import (
        CancellationCost,
        cancellation_cost,
        check_cancel,
        terms_of,
        waiver_facts,
    )
    from domain.contracts import CancelDelivery, Role, Standing
    from domain.leaving.withdrawal import strike_facts
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind


class CancellationStage(OfferStage, CaptureStage, CompensationStage):
    """The exit that the customer and the traveler have until pickup."""

    @workflow.update(description="Cancel before pickup; what it costs is said by the quote.")
    async def cancel(self, command: CancelDelivery) -> Standing:
        """Cancel the delivery."""
        async with self.command(lambda: check_cancel(self.state, command, workflow.now())):
            await self._cancel(command)
        return self.standing

    @cancel.validator
    def _may_cancel(self, command: CancelDelivery) -> None:
        self.admit(lambda: check_cancel(self.state, command, workflow.now()))

    async def _cancel(self, command: CancelDelivery) -> None:
        actor = command.actor
        if self.status is DeliveryStatus.REQUESTED:
            await self.close_request(EventKind.CANCELLED, actor, "cancelled")
        elif self.status is DeliveryStatus.AWAITING_PICKUP:
            await self._leave(command)
        elif self.standing.escrow in (EscrowStatus.NONE, EscrowStatus.SAVED):
            await self.leave_unpaid(actor, "cancelled")
        else:
            # A charge is under way: the stage gives the money back once its outcome is known.
            self.state.cancelled_by, self.is_given_back = actor, False

    async def _leave(self, command: CancelDelivery) -> None:
        actor, cost = command.actor, self._cost_for(command.actor.role)
        if cost.is_free:
            facts = waiver_facts(self._cost_for(Role.CUSTOMER), command)
            await self.begin_refund(actor, "cancelled", {**facts, **strike_facts(actor)})
        elif self.standing.escrow == EscrowStatus.AUTHORISED:
            # What is only reserved is taken first; the stage then shares it out. When the bank has
            # let it go, nothing can be kept and nothing is owed.
            self.state.cancelled_by, self.agreed_cost = actor, cost
            await self.begin_capture()
        else:
            self.agreed_cost = cost
            await self.begin_leave(actor, "cancelled")

    def _cost_for(self, role: Role) -> CancellationCost:
        return cancellation_cost(terms_of(self.state), role, workflow.now())
