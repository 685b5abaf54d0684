"""Pickup stage: the traveler collects the parcel and scans the sender's code."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.base import DeliveryStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, Actor, CodePurpose, Role
    from domain.deadlines import DeadlineKind
    from domain.status import DeliveryStatus
    from domain.transitions import EventKind, Transition


class PickupStage(DeliveryStage):
    """From a held payment to a parcel in the traveler's hands."""

    async def await_pickup(self) -> None:
        """Wait for the pickup scan; otherwise the customer is refunded in full."""
        await self.wait_or_default(self._is_past_pickup, self._not_collected)
        leaver = self.state.cancelled_by
        if leaver is None and self.stop_requested:
            leaver = Actor(Role.OPERATOR)
        async with self.turn:
            if leaver is not None and self.status is DeliveryStatus.AWAITING_PICKUP:
                await self.begin_refund(leaver, "cancelled")

    def picked_up(self, actor: Actor) -> Transition:
        """Return the transition of an accepted pickup scan."""
        due_at = self.order.deliver_by or self.due_in(self.policies.windows.transit_s)
        return self.transition(
            EventKind.PICKED_UP,
            "picked_up",
            actor,
            self.armed(DeliveryStatus.IN_TRANSIT, DeadlineKind.HANDOVER, due_at),
            codes=(CodePurpose.HANDOVER,),
        )

    def _is_past_pickup(self) -> bool:
        is_leaving = self.stop_requested or self.state.cancelled_by is not None
        return is_leaving or self.status is not DeliveryStatus.AWAITING_PICKUP

    async def _not_collected(self) -> None:
        await self.begin_refund(PLATFORM, "not collected in time")
