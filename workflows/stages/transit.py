"""Transit stage: the traveler carries the parcel to its destination."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow

from workflows.core import RecordRefused
from workflows.stages.base import DeliveryStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, Actor, DisputeReason, ReportArrival, Role
    from domain.ids import DisputeId
    from domain.status import IN_CUSTODY, DeliveryStatus
    from domain.transitions import EventKind


class TransitStage(DeliveryStage):
    """From pickup to handover."""

    @workflow.signal(description="A position was close enough to the destination.")
    async def report_arrival(self, command: ReportArrival) -> None:
        """Note that the traveler has arrived; a repeat changes nothing."""
        await workflow.wait_condition(lambda: self.is_open)
        async with self.turn:
            if self.status is not DeliveryStatus.IN_TRANSIT:
                return
            try:
                await self.record(
                    self.transition(
                        EventKind.ARRIVED,
                        "arrived",
                        PLATFORM,
                        replace(self.standing, status=DeliveryStatus.ARRIVED),
                        facts={"distance_m": str(command.distance_m)},
                    )
                )
            except RecordRefused:
                # An arrival is news, not a promise: it must never stop the saga.
                workflow.logger.warning("arrival not recorded")
            self.publish()

    async def carry_parcel(self) -> None:
        """Wait for the handover scan; otherwise an agent looks into it."""
        await self.wait_or_default(
            lambda: self.status not in IN_CUSTODY or self.stop_requested, self._overdue
        )
        async with self.turn:
            if self.status in IN_CUSTODY and self.stop_requested:
                await self._hand_to_agent(Actor(Role.OPERATOR), DisputeReason.STOPPED_BY_OPERATOR)

    async def _overdue(self) -> None:
        await self._hand_to_agent(PLATFORM, DisputeReason.HANDOVER_OVERDUE)

    async def _hand_to_agent(self, actor: Actor, reason: DisputeReason) -> None:
        await self.begin_dispute(actor, reason, DisputeId(str(workflow.uuid7())))
