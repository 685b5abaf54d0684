"""Scans: the counterparty shows a code, the traveler scans it and learns yes or no at once."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow

from workflows.stages.accepted_scans import require_accepted
from workflows.stages.handover import HandoverStage
from workflows.stages.pickup import PickupStage

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from domain.contracts import CodePurpose, ScanCode, Standing
    from domain.disputing.late_handover import is_late_handover, on_its_way
    from domain.errors import Refusal, RefusalCode
    from domain.handover.methods import method_facts
    from domain.journey.undeliverable import refuse_scan_of_left
    from domain.lifecycle import check_scan
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind, LateEvent, Transition


class ScanStage(PickupStage, HandoverStage):
    """The scan that moves custody, at pickup and at handover."""

    @workflow.update(description="The traveler scans the code that the counterparty shows.")
    async def scan(self, command: ScanCode) -> Standing:
        """Use a handover code up and move custody, or refuse the code."""
        with self.refusing():
            if command.purpose is CodePurpose.PICKUP and not self.is_verified(command):
                await self.await_capture()
            async with self.command(
                lambda: self._check_accept(command), despite_hold=_ends_journey(command)
            ):
                if not self.is_verified(command):
                    await self._accept(command)
            if self.is_verified(command):
                await self.collect(command)
        return self.standing

    @scan.validator
    def _may_scan(self, command: ScanCode) -> None:
        self.admit(
            lambda: self._check_scan(command),
            despite_hold=_ends_journey(command),
        )

    def _check_scan(self, command: ScanCode) -> None:
        state = self.state
        if is_late_handover(state, self.dispute_reason, command):
            state = on_its_way(state, is_proven=self.handover_proven)
        elif self.is_left:
            refuse_scan_of_left(state, command)
        check_scan(state, command, workflow.now())

    def _check_accept(self, command: ScanCode) -> None:
        if self.is_verified(command):
            return
        self._check_scan(command)
        if self.status is DeliveryStatus.CAPTURING:
            raise Refusal(
                RefusalCode.PAYMENT_CAPTURING,
                "The payment is being captured: leave the parcel with its sender, and scan again in "
                "a minute.",
            )

    async def _accept(self, command: ScanCode) -> None:
        method = method_facts(command)
        if self.status is DeliveryStatus.DISPUTED:
            await self._accept_late(command, method)
            return
        accepted = self._accepted(command)
        accepted = replace(accepted, facts={**accepted.facts, **method})
        outcome = await self.in_database(
            RecordActivities.accept_scan,
            [command, accepted],
            f"verify the {command.purpose} code",
        )
        require_accepted(self.state, command, outcome)
        if accepted.event is EventKind.PICKED_UP:
            self.state.no_show = None
        if accepted.event is EventKind.PICKUP_VERIFIED:
            self.note_verified(command)
        self.stand(accepted.standing)

    async def _accept_late(self, command: ScanCode, facts: dict[str, str]) -> None:
        """Use the code up where the dispute stands, and let the dispute count it as proof."""
        event = EventKind.HANDED_OVER_LATE
        late = LateEvent(self.delivery_id, event, event, command.actor, workflow.now(), facts=facts)
        outcome = await self.in_database(
            RecordActivities.accept_late_scan, [command, late], "verify the late handover code"
        )
        require_accepted(self.state, command, outcome)
        self.handover_proven = True
        await self.tell_dispute("handover_proven")

    def _accepted(self, command: ScanCode) -> Transition:
        if command.purpose is CodePurpose.HANDOVER:
            return self.handed_over(command.actor)
        if command.purpose is CodePurpose.RETURN:
            return self.returned(command.actor)
        if self.standing.escrow == EscrowStatus.AUTHORISED:
            return self.pickup_verified(command.actor)
        return self.picked_up(command.actor)


def _ends_journey(command: ScanCode) -> bool:
    """Tell whether the scan ends a journey: a parcel arrives, or comes back, also while on hold."""
    return command.purpose is not CodePurpose.PICKUP
