"""Cancellation before pickup: nothing is owed, and what is held goes back in full."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.offer import OfferStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import Actor, CancelDelivery, Standing
    from domain.lifecycle import check_cancel
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind


class CancellationStage(OfferStage):
    """The exit that the customer and the traveler have until pickup."""

    @workflow.update(description="Cancel before pickup; a held payment goes back in full.")
    async def cancel(self, command: CancelDelivery) -> Standing:
        """Cancel the delivery."""
        async with self.command(lambda: check_cancel(self.state, command)):
            await self._cancel(command.actor)
        return self.standing

    @cancel.validator
    def _may_cancel(self, command: CancelDelivery) -> None:
        self.admit(lambda: check_cancel(self.state, command))

    async def _cancel(self, actor: Actor) -> None:
        if self.status is DeliveryStatus.REQUESTED:
            await self.close_request(EventKind.CANCELLED, actor, "cancelled")
        elif self.status is DeliveryStatus.AWAITING_PICKUP:
            await self.begin_refund(actor, "cancelled")
        elif self.standing.escrow in (EscrowStatus.NONE, EscrowStatus.SAVED):
            await self.close_unpaid(EventKind.CANCELLED, actor, "cancelled")
        else:
            # A charge is under way: the stage gives the money back once its outcome is known.
            self.state.cancelled_by = actor
