"""Failed handovers: the traveler tries again, leaves the parcel where that is allowed, or goes back."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.loss import LossStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import DisputeReason, Standing
    from domain.deadlines import DeadlineKind
    from domain.journey.contracts import LeaveParcel, ReportFailedHandover
    from domain.journey.terms import UndeliverableAction
    from domain.journey.undeliverable import check_failed_handover, check_leave, follow_up
    from domain.status import DeliveryStatus
    from domain.transitions import EventKind


class UndeliveredStage(LossStage):
    """What the traveler reports at the destination when nobody shows a code."""

    @workflow.update(description="The traveler could not hand the parcel over.")
    async def report_failed_handover(self, command: ReportFailedHandover) -> Standing:
        """Note why, and go on as the customer chose when the delivery was opened."""
        async with self.command(lambda: check_failed_handover(self.state, command)):
            await self._follow_up(command)
        return self.standing

    @report_failed_handover.validator
    def _may_report_failed_handover(self, command: ReportFailedHandover) -> None:
        self.admit(lambda: check_failed_handover(self.state, command))

    @workflow.update(description="The traveler left the parcel where the customer had allowed it.")
    async def leave_parcel(self, command: LeaveParcel) -> Standing:
        """Note where; the dispute window begins, though no handover is proven."""
        async with self.command(lambda: check_leave(self.state, self.journey, command)):
            await self._note_left(command)
        return self.standing

    @leave_parcel.validator
    def _may_leave_parcel(self, command: LeaveParcel) -> None:
        self.admit(lambda: check_leave(self.state, self.journey, command))

    async def _follow_up(self, command: ReportFailedHandover) -> None:
        facts = {"reason": str(command.reason), **_seen(command)}
        self.journey.obstacle = command.reason
        self.journey.failures += 1
        action = follow_up(self.order, command.reason, self.journey.failures)
        if action is None:
            await self.hand_to_agent(command.actor, DisputeReason.HANDOVER_FAILED)
        elif action is UndeliverableAction.RETURN:
            await self.begin_return(command.actor, facts)
        else:
            await self._try_again(command, action, facts)

    async def _try_again(
        self, command: ReportFailedHandover, action: UndeliverableAction, facts: dict[str, str]
    ) -> None:
        retries = action is UndeliverableAction.RETRY
        kind = DeadlineKind.REDELIVERY if retries else DeadlineKind.LEAVING
        due_at = self.due_in(self.policies.journey.retry_s)
        await self.record(
            self.transition(
                EventKind.HANDOVER_FAILED,
                f"handover_failed:{self.journey.failures}",
                command.actor,
                self.armed(self.status, kind, due_at),
                facts={**facts, "follows": str(action)},
            )
        )

    async def _note_left(self, command: LeaveParcel) -> None:
        undo_s, inspection_s = self.policies.undo.window_s, self.policies.windows.inspection_s
        await self.record(
            self.transition(
                EventKind.PARCEL_LEFT,
                "parcel_left",
                command.actor,
                self.armed(
                    DeliveryStatus.DELIVERED,
                    DeadlineKind.INSPECTION,
                    self.due_in(undo_s + inspection_s),
                ),
                facts={"reason": str(command.where), **_seen(command)},
            )
        )
        self.is_left = True


def _seen(command: ReportFailedHandover | LeaveParcel) -> dict[str, str]:
    """Return what can be proven of a report: where the traveler was, and the note."""
    facts = {} if command.distance_m is None else {"distance_m": str(command.distance_m)}
    return {**facts, "note": command.note} if command.note else facts
