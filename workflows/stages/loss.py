"""Loss on the way: the traveler or the customer reports it, and an agent decides."""

from __future__ import annotations

from temporalio import workflow

from workflows.stages.return_leg import ReturnStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import Standing
    from domain.journey.contracts import ReportLoss
    from domain.journey.undeliverable import LOSS_REASONS, check_report_loss
    from domain.policies import VerdictOutcome
    from domain.transitions import EventKind


class LossStage(ReturnStage):
    """What ends a journey before anybody's code is shown."""

    @workflow.update(description="The traveler or the customer: the parcel is lost, or damaged.")
    async def report_loss(self, command: ReportLoss) -> Standing:
        """Open a dispute about it; whoever reports it says that the parcel does not arrive well."""
        async with self.command(lambda: check_report_loss(self.state, command)):
            facts = {"reason": str(command.kind), "note": command.note}
            await self.record(
                self.transition(
                    EventKind.LOSS_REPORTED,
                    "loss_reported",
                    command.actor,
                    self.standing,
                    facts={name: value for name, value in facts.items() if value},
                )
            )
            await self.begin_dispute(
                command.actor,
                LOSS_REASONS[command.kind],
                command.dispute_id,
                (VerdictOutcome.REFUND, None),
            )
        return self.standing

    @report_loss.validator
    def _may_report_loss(self, command: ReportLoss) -> None:
        self.admit(lambda: check_report_loss(self.state, command))
