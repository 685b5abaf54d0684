"""Hold: staff freeze a delivery at any stage, and let it go on where it was."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.core import RecordRefused
from workflows.stages.capture import CaptureStage

with workflow.unsafe.imports_passed_through():
    from activities.records import RecordActivities
    from domain.contracts import Actor, Standing
    from domain.holds.risky import lifting_facts, placing_facts
    from domain.holds.rules import (
        Hold,
        HoldDelivery,
        ResumeDelivery,
        check_hold,
        check_resume,
    )
    from domain.ids import DisputeId, PersonId, dispute_workflow_id
    from domain.status import DeliveryStatus
    from domain.transitions import EventKind, LateEvent

DISPUTE_PAUSES_S = (1, 5, 30)
"""Waits before a dispute is told again of a hold: it may have been opened a moment ago."""


class HoldStage(CaptureStage):
    """Freezes the delivery: no clock runs out, no money leaves, and commands wait."""

    @workflow.update(
        description="Freeze the delivery: deadlines stand still, no money leaves. Needs a reason:"
        ' {"reason": "The customer reports fraud."}'
    )
    async def hold(self, command: HoldDelivery) -> Standing:
        """Put the delivery on hold."""
        async with self.turn:
            await self.require_seen()
            self.check(lambda: self._check_hold(command))
            actor = Actor(command.role, command.operator_id)
            placed = Hold(
                command.reason.strip(),
                actor,
                workflow.now(),
                risk_decision_id=command.risk_decision_id,
            )
            # Seen at once by every wait, so that none runs out while this is written.
            self.hold_placed = placed
            await self._place_hold(placed)
            self.stand(self.standing)
            self.publish()
        await self._tell_dispute(placed)
        return self.standing

    @hold.validator
    def _may_hold(self, command: HoldDelivery) -> None:
        self.check(lambda: self._check_hold(command))

    @workflow.update(
        description="Let a delivery on hold go on; its deadline moves by the time it stood still: {}"
    )
    async def resume(self, command: ResumeDelivery | None = None) -> Standing:
        """Take the delivery off hold."""
        command = command or ResumeDelivery()
        async with self.turn:
            await self.require_seen()
            self.check(lambda: self._check_resume(command))
            await self._lift_hold(command)
            self.hold_placed = None
            self.stand(self.standing)
            self.publish()
        await self._tell_dispute(None)
        return self.standing

    @resume.validator
    def _may_resume(self, command: ResumeDelivery | None = None) -> None:
        self.check(lambda: self._check_resume(command or ResumeDelivery()))

    def _check_hold(self, command: HoldDelivery) -> None:
        check_hold(self.status, self._parties(), self.hold_placed, command)

    def _check_resume(self, command: ResumeDelivery) -> None:
        check_resume(self.status, self._parties(), self.hold_placed, command)

    def _parties(self) -> tuple[PersonId | None, ...]:
        order = self.order
        people = (order.customer_id, order.sender_id, order.recipient_id)
        return (*people, self.standing.traveler_id)

    @property
    def _is_with_agents(self) -> bool:
        """Whether the clock that runs is the dispute's own, in its own workflow."""
        return self.status is DeliveryStatus.DISPUTED and not self.is_parked

    async def _place_hold(self, hold: Hold) -> None:
        facts = {"reason": hold.reason, **placing_facts(hold.risk_decision_id)}
        if self._is_with_agents:
            self.clocks_stopped += 1
            await self.note_beside(EventKind.HOLD_PLACED, hold.placed_by, facts)
        else:
            await self.stop_clock(hold, EventKind.HOLD_PLACED, hold.placed_by, facts)

    async def _lift_hold(self, command: ResumeDelivery) -> None:
        actor = Actor(command.role, command.operator_id)
        hold = self.hold_placed
        lasted = workflow.now() - (hold.since if hold is not None else workflow.now())
        decided = hold.risk_decision_id if hold and command.lets_risk_pass else ""
        facts = {
            "reason": command.reason.strip(),
            "lasted_s": str(int(lasted.total_seconds())),
            **lifting_facts(decided, command.risk_decision_id),
        }
        if self._is_with_agents and self.stopped is None:
            await self.note_beside(EventKind.HOLD_LIFTED, actor, facts)
        else:
            await self.resume_clock(EventKind.HOLD_LIFTED, actor, facts)
        self._move_moments(lasted)

    def _move_moments(self, lasted: timedelta) -> None:
        """Move what was agreed for later by as long as the delivery stood still."""
        self.payment_due_at = _later(self.payment_due_at, lasted)
        self.pickup_due_at = _later(self.pickup_due_at, lasted)
        if self.state.no_show is not None:
            pickup_at = _later(self.state.no_show.pickup_at, lasted)
            self.state.no_show = replace(self.state.no_show, pickup_at=pickup_at)
        self.time_held += lasted

    async def note_beside(self, event: EventKind, actor: Actor, facts: dict[str, str]) -> None:
        """Write it where the delivery stands: a dispute, or a step under way, has moved it on."""
        late = LateEvent(
            self.delivery_id, f"{event}:{self.clocks_stopped}", event, actor, workflow.now(), facts
        )
        try:
            await self.in_database(
                RecordActivities.note_late_event, [late], event.replace("_", " ")
            )
        except RecordRefused:
            workflow.logger.warning("a hold was not recorded")

    async def _tell_dispute(self, hold: Hold | None) -> None:
        if not self._is_with_agents:
            return
        dispute = workflow.get_external_workflow_handle(
            dispute_workflow_id(DisputeId(self.standing.dispute_id or ""))
        )
        for pause_s in DISPUTE_PAUSES_S:
            try:
                await dispute.signal("hold_moved", hold)
                break
            except ApplicationError:
                await workflow.sleep(pause_s)


def _later(moment: datetime | None, lasted: timedelta) -> datetime | None:
    return None if moment is None else moment + lasted
