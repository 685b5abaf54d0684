"""No-show: one side of the pickup waits for the other, which may still come, or contest it."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.capture import CaptureStage
from workflows.stages.compensation import CompensationStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, DeliveryOrder, DisputeReason, Role, Standing
    from domain.leaving.contracts import ContestNoShow, ReportNoShow
    from domain.leaving.no_show import (
        SIDES,
        absent_side,
        check_contest_no_show,
        check_report_no_show,
        no_show_cost,
        reported,
    )
    from domain.leaving.withdrawal import STRIKE, Strike
    from domain.ledger import Bearer
    from domain.status import EscrowStatus


class NoShowStage(CaptureStage, CompensationStage):
    """From a report that nobody is there to a pickup after all, a dispute or the end."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.is_clock_new = False
        self.no_shows = 0
        self.contest: ContestNoShow | None = None

    def start_over(self) -> None:
        """Forget who was reported."""
        super().start_over()
        self.contest = None

    @workflow.update(description="One side waits at the pickup for the other.")
    async def report_no_show(self, command: ReportNoShow) -> Standing:
        """Start the clock in which the other side may still come, or contest it."""
        async with self.command(lambda: check_report_no_show(self.state, command, workflow.now())):
            await self._report(command)
        return self.standing

    @report_no_show.validator
    def _may_report_no_show(self, command: ReportNoShow) -> None:
        self.admit(lambda: check_report_no_show(self.state, command, workflow.now()))

    @workflow.update(description="The reported side contests that it was not at the pickup.")
    async def contest_no_show(self, command: ContestNoShow) -> Standing:
        """Let an agent decide; the payment stays held until then."""
        async with self.command(lambda: check_contest_no_show(self.state, command)):
            if self.standing.escrow == EscrowStatus.AUTHORISED:
                # The capture is about to begin: what is disputed must not be let go by the bank.
                self.contest, self.is_clock_new = command, True
            else:
                await self._begin_contest(command)
        return self.standing

    @contest_no_show.validator
    def _may_contest_no_show(self, command: ContestNoShow) -> None:
        self.admit(lambda: check_contest_no_show(self.state, command))

    async def end_in_vain(self) -> None:
        """Take the exit of a pickup that nobody came to in time."""
        no_show = self.state.no_show
        if no_show is None:
            await self.begin_refund(PLATFORM, "not collected in time")
        elif no_show.absent is Role.SENDER:
            self.agreed_cost = no_show_cost(self.state, workflow.now())
            await self.begin_leave(PLATFORM, "the sender did not come")
        else:
            self.refund_bearer = Bearer.TRAVELER
            facts = {STRIKE: str(Strike.NO_SHOW)}
            await self.begin_departure(PLATFORM, "the traveler did not come", facts)

    async def begin_contested(self) -> bool:
        """Begin the dispute that waited for the capture; return whether there was one."""
        if not self.is_contest_due:
            return False
        if self.state.no_show is None or self.contest is None:
            # Both sides have met after all: there is nothing to decide any more.
            self.contest = None
            return False
        await self._begin_contest(self.contest)
        return True

    @property
    def is_contest_due(self) -> bool:
        """Whether a dispute has waited for the capture, which is over."""
        return self.contest is not None and self.standing.escrow == EscrowStatus.HELD

    async def _begin_contest(self, command: ContestNoShow) -> None:
        self.contest = None
        reason = DisputeReason.NO_SHOW_CONTESTED
        await self.begin_dispute(command.actor, reason, command.dispute_id)

    async def _report(self, command: ReportNoShow) -> None:
        no_show, due_at = reported(self.state, command.actor, workflow.now())
        side = SIDES[absent_side(command.actor)]
        self.no_shows += 1
        facts = {} if command.distance_m is None else {"distance_m": str(command.distance_m)}
        await self.record(
            self.transition(
                side.event,
                f"{side.event}:{self.no_shows}",
                command.actor,
                self.armed(self.status, side.clock, due_at),
                facts=facts,
            )
        )
        self.state.no_show, self.is_clock_new = no_show, True
