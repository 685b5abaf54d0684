"""Pickup stage: the traveler collects the parcel and scans the sender's code."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.no_show import NoShowStage

with workflow.unsafe.imports_passed_through():
    from domain.status import DeliveryStatus, EscrowStatus


class PickupStage(NoShowStage):
    """From a held or authorised payment to a parcel in the traveler's hands."""

    async def await_pickup(self) -> None:
        """Wait for the pickup scan; otherwise the customer gets everything back.

        An authorisation that would end before is captured in time, and one of which the provider
        has news at once: if it has died, the customer learns of it while there is time.
        """
        self.is_clock_new = False
        if self.is_left_behind:
            async with self.turn:
                await self.renew_code()
        capture_due_at = self.capture_due_at()
        is_due = await self.wait_until_due(self._is_past_pickup, capture_due_at)
        async with self.turn:
            if self.status is not DeliveryStatus.AWAITING_PICKUP or self.is_on_hold:
                return
            leaver = self.leaver()
            if await self.begin_contested():
                return
            if leaver is not None:
                await self.begin_leave(leaver, "cancelled")
            elif is_due:
                await self.end_in_vain()
            elif self._must_capture():
                await self.begin_capture()

    def _must_capture(self) -> bool:
        due_at = self.capture_due_at()
        return due_at is not None and workflow.now() >= due_at

    def _is_past_pickup(self) -> bool:
        in_doubt = self.hold_in_doubt and self.standing.escrow == EscrowStatus.AUTHORISED
        is_past = self.status is not DeliveryStatus.AWAITING_PICKUP
        is_over = is_past or self.is_left_behind or self.leaver() is not None
        return is_over or in_doubt or self.is_clock_new or self.is_contest_due
