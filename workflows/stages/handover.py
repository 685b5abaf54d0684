"""Handover stage: the recipient inspects the parcel; the customer confirms or disputes."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.return_leg import ReturnStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import (
        PLATFORM,
        Actor,
        ConfirmDelivery,
        DisputeReason,
        OpenDispute,
        Role,
        Standing,
    )
    from domain.deadlines import DeadlineKind
    from domain.disputing.rules import check_desired
    from domain.ids import DisputeId
    from domain.lifecycle import check_confirm, check_open_dispute
    from domain.status import DeliveryStatus
    from domain.transitions import EventKind, Transition


class HandoverStage(ReturnStage):
    """From the handover scan to the end of the dispute window."""

    @workflow.update(description="The customer confirms: the dispute window ends now.")
    async def confirm(self, command: ConfirmDelivery) -> Standing:
        """Confirm the delivery; the held payment is released."""
        async with self.command(lambda: check_confirm(self.state, command)):
            if self.status is DeliveryStatus.RETURNED:
                await self.settle_return(command.actor)
            else:
                await self.begin_release(command.actor)
        return self.standing

    @confirm.validator
    def _may_confirm(self, command: ConfirmDelivery) -> None:
        self.admit(lambda: check_confirm(self.state, command))

    @workflow.update(description="A party disputes the delivery inside the window.")
    async def open_dispute(self, command: OpenDispute) -> Standing:
        """Open a dispute; the held payment waits for an agent's verdict."""
        if not self._is_opened(command):
            async with self.command(lambda: self._check_dispute(command)):
                await self.begin_dispute(
                    command.actor,
                    command.reason,
                    command.dispute_id,
                    (command.desired, command.desired_refund_minor),
                )
        return self.standing

    @open_dispute.validator
    def _may_open_dispute(self, command: OpenDispute) -> None:
        if not self._is_opened(command):
            self.admit(lambda: self._check_dispute(command))

    def _is_opened(self, command: OpenDispute) -> bool:
        """Tell whether the command comes again, after its dispute was found in the database."""
        return self.standing.dispute_id == command.dispute_id

    def _check_dispute(self, command: OpenDispute) -> None:
        check_open_dispute(self.state, command)
        check_desired(self.order, command, self.held)

    async def inspect_parcel(self) -> None:
        """Wait for the customer's word; otherwise the delivery counts as confirmed."""
        await self.wait_or_default(
            lambda: self.status is not DeliveryStatus.DELIVERED or self.stop_requested,
            self._counts_as_confirmed,
        )
        async with self.turn:
            if self.status is DeliveryStatus.DELIVERED and self.stop_requested:
                await self.begin_dispute(
                    Actor(Role.OPERATOR),
                    DisputeReason.STOPPED_BY_OPERATOR,
                    DisputeId(str(workflow.uuid7())),
                )

    def handed_over(self, actor: Actor) -> Transition:
        """Return the transition of an accepted handover scan."""
        # The window begins once the handover can no longer be undone.
        undo_s, inspection_s = self.policies.undo.window_s, self.policies.windows.inspection_s
        due_at = self.due_in(undo_s + inspection_s)
        return self.transition(
            EventKind.HANDED_OVER,
            "handed_over",
            actor,
            self.armed(DeliveryStatus.DELIVERED, DeadlineKind.INSPECTION, due_at),
        )

    async def _counts_as_confirmed(self) -> None:
        await self.begin_release(PLATFORM)
