"""Transit stage: the traveler carries the parcel to its destination."""

from __future__ import annotations

from temporalio import workflow

from workflows.core import RecordRefused
from workflows.stages.relay import RelayStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, Actor, DisputeReason, ReportArrival, Role
    from domain.deadlines import DeadlineKind
    from domain.journey.relay import RELAY_CLOCKS
    from domain.status import IN_CUSTODY, DeliveryStatus
    from domain.transitions import EventKind

_GOES_BACK = frozenset({DeadlineKind.REDELIVERY, DeadlineKind.LEAVING})
"""Clocks after a failed handover: when they run out, the parcel goes back."""


class TransitStage(RelayStage):
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
                        self.heard_at(DeliveryStatus.ARRIVED),
                        facts={"distance_m": str(command.distance_m)},
                    )
                )
            except RecordRefused:
                # An arrival is news, not a promise: it must never stop the saga.
                workflow.logger.warning("arrival not recorded")
            self.publish()

    async def carry_parcel(self) -> None:
        """Wait for the handover; what else happens on the way sets a clock of its own."""
        self.watch()
        clock = self._clock
        is_due = await self.wait_until_due(
            lambda: self._clock != clock or self.stop_requested, self.look_again_at()
        )
        async with self.turn:
            if self._clock != clock:
                return
            if self.stop_requested:
                await self.hand_to_agent(Actor(Role.OPERATOR), DisputeReason.STOPPED_BY_OPERATOR)
            elif is_due:
                await self._run_out()
            else:
                await self.look()

    async def _run_out(self) -> None:
        if self.standing.deadline_kind in _GOES_BACK:
            await self.begin_return(PLATFORM, {})
        elif self.standing.deadline_kind in RELAY_CLOCKS:
            await self.relay_lapses()
        elif workflow.now() >= self.overdue_at:
            await self.hand_to_agent(PLATFORM, DisputeReason.HANDOVER_OVERDUE)
        else:
            await self.climb()

    @property
    def _clock(self) -> tuple[object, ...]:
        """The armed clock while the parcel is under way; another one means to wait anew."""
        if self.status not in IN_CUSTODY:
            return (self.status,)
        return self.standing.deadline_kind, self.standing.deadline_at
