"""Dispute stage: the held payment waits for the verdict of the dispute workflow."""

from __future__ import annotations

from temporalio import workflow
from temporalio.exceptions import ChildWorkflowError, WorkflowAlreadyStartedError

from workflows.dispute import DisputeWorkflow
from workflows.money import failure_code
from workflows.stages.base import DeliveryStage

with workflow.unsafe.imports_passed_through():
    from domain.contracts import DeliveryOrder, DisputeOrder, Verdict
    from domain.disputing.rules import begun_again
    from domain.ids import DisputeId, dispute_workflow_id
    from domain.policies import VerdictOutcome
    from domain.status import DeliveryStatus, EscrowStatus
    from domain.transitions import EventKind, OperationKind


class DisputeStage(DeliveryStage):
    """From an open dispute to the verdict that settles the money."""

    def __init__(self, order: DeliveryOrder) -> None:
        super().__init__(order)
        self.verdict: Verdict | None = None

    async def settle_dispute(self) -> None:
        """Wait for the verdict and begin to settle the money by it."""
        self.publish()
        if self.verdict is None:
            self.verdict = await self._verdict()
        verdict = self.verdict
        async with self.turn:
            if verdict.standing is not None:
                self.stand(verdict.standing)
            if verdict.outcome is VerdictOutcome.RELEASE:
                await self.begin_release(verdict.decided_by)
            elif verdict.outcome is VerdictOutcome.REFUND:
                await self.begin_refund(verdict.decided_by, "verdict")
            else:
                await self._begin_split(verdict)

    async def _verdict(self) -> Verdict:
        dispute_id = DisputeId(self.standing.dispute_id or "")
        while True:
            try:
                return await workflow.execute_child_workflow(
                    DisputeWorkflow.run,
                    self._dispute_order(dispute_id),
                    id=dispute_workflow_id(dispute_id),
                    search_attributes=workflow.info().typed_search_attributes,
                    static_summary=f"Dispute over {self.held}: {self.dispute_reason}",
                )
            except ChildWorkflowError as failure:
                await self.park("dispute", failure_code(failure))
                self.ladder = self.ladder and begun_again(self.ladder)
            except WorkflowAlreadyStartedError:
                # Only a reset leads here: the dispute of before still runs and must be ended first.
                await self.park("dispute", "already_running")

    def _dispute_order(self, dispute_id: DisputeId) -> DisputeOrder:
        return DisputeOrder(
            delivery_id=self.delivery_id,
            dispute_id=dispute_id,
            opened_by=self.dispute_opened_by,
            reason=self.dispute_reason,
            held=self.held,
            handover_proven=self.handover_proven,
            standing=self.standing,
            order=self.order,
            ladder=self.ladder,
        )

    async def _begin_split(self, verdict: Verdict) -> None:
        self.to_refund, self.to_release = verdict.refund, verdict.release
        await self.record(
            self.transition(
                EventKind.SPLIT_STARTED,
                "split_started",
                verdict.decided_by,
                self.moving(DeliveryStatus.SETTLING, EscrowStatus.SPLITTING),
                facts={"refund": str(verdict.refund), "release": str(verdict.release)},
                intent=self.intent(OperationKind.REFUND, verdict.refund),
            )
        )
