"""Pickup stage: the traveler collects the parcel and scans the sender's code."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.capture import CaptureStage
from workflows.stages.compensation import CompensationStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM
    from domain.status import DeliveryStatus, EscrowStatus


class PickupStage(CaptureStage, CompensationStage):
    """From a held or authorised payment to a parcel in the traveler's hands."""

    async def await_pickup(self) -> None:
        """Wait for the pickup scan; otherwise the customer gets everything back.

        An authorisation that would end before is captured in time, and one of which the provider
        has news at once: if it has died, the customer learns of it while there is time.
        """
        if self.is_left_behind:
            async with self.turn:
                await self.renew_code()
        capture_due_at = self.capture_due_at()
        is_due = await self.wait_until_due(self._is_past_pickup, capture_due_at)
        async with self.turn:
            if self.status is not DeliveryStatus.AWAITING_PICKUP or self.is_on_hold:
                return
            leaver = self.leaver()
            if leaver is not None:
                await self.begin_leave(leaver, "cancelled")
            elif is_due:
                await self.begin_refund(PLATFORM, "not collected in time")
            elif self._must_capture():
                await self.begin_capture()

    def _must_capture(self) -> bool:
        due_at = self.capture_due_at()
        return due_at is not None and workflow.now() >= due_at

    def _is_past_pickup(self) -> bool:
        in_doubt = self.hold_in_doubt and self.standing.escrow == EscrowStatus.AUTHORISED
        is_past = self.status is not DeliveryStatus.AWAITING_PICKUP
        return is_past or in_doubt or self.is_left_behind or self.leaver() is not None
