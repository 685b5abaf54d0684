"""Answers a chargeback: evidence is staged at once, completed, and submitted before it is due."""

from __future__ import annotations

from datetime import datetime

from temporalio import workflow
from temporalio.exceptions import ApplicationError

from workflows.chargebacks.core import ChargebackCore, Stuck

with workflow.unsafe.imports_passed_through():
    from activities.chargebacks import DisputeActivities, StageEvidence
    from domain.chargebacks import ChargebackOrder, SubmitEvidence, check_submit, submit_at
    from domain.contracts import PLATFORM, Actor, Standing
    from domain.transitions import EventKind


class AnsweringStage(ChargebackCore):
    """From the first reading of a dispute to evidence that the bank reads."""

    def __init__(self, order: ChargebackOrder) -> None:
        super().__init__(order)
        self.opened_at = workflow.now()
        self.errand_not_before = self.opened_at

    @workflow.update(description="Have the evidence submitted now; nothing can be added then: {}")
    async def submit_evidence(self, command: SubmitEvidence) -> Standing:
        """Submit the evidence as it is now."""
        async with self.turn:
            self.check(lambda: check_submit(self.order, self.dispute, command.actor))
            try:
                await self._give(command.actor, submit=True)
            except Stuck as stuck:
                raise ApplicationError(
                    "The evidence could not be submitted; try again.", type=stuck.reason
                ) from stuck
        return self.standing

    @submit_evidence.validator
    def _may_submit_evidence(self, command: SubmitEvidence) -> None:
        self.check(lambda: check_submit(self.order, self.dispute, command.actor))

    @property
    def takes_evidence(self) -> bool:
        """Whether evidence can still be staged and submitted."""
        return self.dispute is not None and self.dispute.takes_evidence

    def submit_due_at(self) -> datetime:
        """Return when the evidence is submitted unless staff did it before."""
        assert self.dispute is not None, "the dispute was read"
        return submit_at(self.policies.chargebacks, self.dispute, self.opened_at)

    async def answer(self) -> None:
        """Stage what is new; submit it when it is time.

        Raises:
            Stuck: the provider does not take it.
        """
        async with self.turn:
            if self.takes_evidence:
                is_due = workflow.now() >= self.submit_due_at()
                await self._give(PLATFORM, submit=is_due)

    def errand_due_at(self) -> datetime | None:
        """Return when the evidence has to be submitted although a step is parked."""
        if not self.takes_evidence:
            return None
        return max(self.submit_due_at(), self.errand_not_before)

    async def run_errand(self) -> None:
        """Submit the evidence; what fails is tried again before long."""
        self.errand_not_before = self.due_in(self.policies.chargebacks.read_again_s)
        try:
            await self.answer()
        except Stuck as stuck:
            workflow.logger.warning("the evidence was not submitted: %s", stuck.reason)

    async def _give(self, actor: Actor, *, submit: bool) -> None:
        step = "submit_evidence" if submit else "stage_evidence"
        command = StageEvidence(self.order, self.books.evidence_sha256, submit)
        summary = "Submit the evidence" if submit else "Stage the evidence"
        there = await self.ask(step, DisputeActivities.stage_evidence, command, summary)
        self.dispute = there.dispute or self.dispute
        staged = there.staged
        if there.dispute is None or staged is None:
            return
        if not submit:
            await self.write(evidence=staged)
            return
        counts = ("scans", "positions", "exhibits", "messages")
        facts = {name: str(getattr(staged, name)) for name in counts}
        event = self.event(
            EventKind.EVIDENCE_SUBMITTED,
            {**facts, "sha256": staged.sha256},
            times=self.status,
            actor=actor,
        )
        await self.write(event=event, evidence=staged, settles=(self.item_key("evidence"),))
