"""The stages in which the sides talk: an answer by a deadline, then proposals either may accept."""

from __future__ import annotations

from dataclasses import replace

from temporalio import workflow

from workflows.disputes.core import DisputeCore

with workflow.unsafe.imports_passed_through():
    from domain.contracts import PLATFORM, Actor, Verdict
    from domain.deadlines import DeadlineKind
    from domain.disputes import verdict_shares
    from domain.disputing.commands import (
        AnswerDispute,
        CloseProposal,
        DisputeStanding,
        MakeProposal,
        StepInDispute,
    )
    from domain.disputing.ladder import DisputeStage, Ladder, Proposal, ProposalStatus
    from domain.disputing.rules import (
        check_accept_proposal,
        check_answer,
        check_call_agent,
        check_propose,
        check_withdraw_proposal,
        side_of,
    )
    from domain.messages import CONCERNS
    from domain.policies import VerdictOutcome
    from domain.transitions import EventKind


class TalkingStage(DisputeCore):
    """From the opening to an agreement, or to an agent."""

    @workflow.update(description="The other side accepts what is asked for, or contests it.")
    async def answer_dispute(self, command: AnswerDispute) -> DisputeStanding:
        """Settle the dispute as it was asked for, or begin to negotiate."""
        async with self.command(lambda: check_answer(self.case, command)):
            wanted = self.ladder.desired
            if command.accepts and wanted is not None:
                await self._agree(command.actor, wanted, self.ladder.desired_refund_minor)
            else:
                await self._contest(command.actor)
        return self.answer()

    @answer_dispute.validator
    def _may_answer(self, command: AnswerDispute) -> None:
        self.admit(lambda: check_answer(self.case, command))

    @workflow.update(description="A side says how it would settle the dispute.")
    async def propose(self, command: MakeProposal) -> DisputeStanding:
        """Make a proposal; it replaces the open one of the same side."""
        async with self.command(lambda: check_propose(self.case, command)):
            if self.ladder.proposal(command.proposal_id) is None:
                await self._propose(command)
        return self.answer()

    @propose.validator
    def _may_propose(self, command: MakeProposal) -> None:
        self.admit(lambda: check_propose(self.case, command))

    @workflow.update(description="A side accepts the other side's proposal.")
    async def accept_proposal(self, command: CloseProposal) -> DisputeStanding:
        """Settle the dispute as proposed."""
        async with self.command(lambda: check_accept_proposal(self.case, command)):
            proposal = self.ladder.proposal(command.proposal_id)
            assert proposal is not None, "the rule has found it"
            ladder = self.ladder.with_status(command.proposal_id, ProposalStatus.ACCEPTED)
            await self._agree(command.actor, proposal.outcome, proposal.refund_minor, ladder)
        return self.answer()

    @accept_proposal.validator
    def _may_accept_proposal(self, command: CloseProposal) -> None:
        self.admit(lambda: check_accept_proposal(self.case, command))

    @workflow.update(description="A side withdraws its own proposal.")
    async def withdraw_proposal(self, command: CloseProposal) -> DisputeStanding:
        """Take a proposal back; nobody can accept it any more."""
        async with self.command(lambda: check_withdraw_proposal(self.case, command)):
            ladder = self.ladder.with_status(command.proposal_id, ProposalStatus.WITHDRAWN)
            await self.step(EventKind.PROPOSAL_WITHDRAWN, command.actor, ladder)
        return self.answer()

    @withdraw_proposal.validator
    def _may_withdraw_proposal(self, command: CloseProposal) -> None:
        self.admit(lambda: check_withdraw_proposal(self.case, command))

    @workflow.update(description="A side ends the negotiation: an agent decides.")
    async def end_negotiation(self, command: StepInDispute) -> DisputeStanding:
        """Have an agent decide."""
        async with self.command(lambda: check_call_agent(self.case, command)):
            await self.call_agent(EventKind.AGENT_CALLED, command.actor, self.ladder)
        return self.answer()

    @end_negotiation.validator
    def _may_end_negotiation(self, command: StepInDispute) -> None:
        self.admit(lambda: check_call_agent(self.case, command))

    async def go_unanswered(self) -> None:
        """Go on without the other side: an agent decides."""
        opener = self.case.opener
        absent = () if opener is None else (opener.other,)
        ladder = replace(self.ladder, absent=absent)
        await self.call_agent(EventKind.DISPUTE_UNANSWERED, PLATFORM, ladder)

    async def find_no_agreement(self) -> None:
        """End the negotiation when its time is up: an agent decides."""
        await self.call_agent(EventKind.AGENT_CALLED, PLATFORM, self.ladder)

    async def _contest(self, actor: Actor) -> None:
        negotiation_s = self.policies.disputes.negotiation_s
        if not negotiation_s:
            await self.call_agent(EventKind.DISPUTE_CONTESTED, actor, self.ladder)
            return
        ladder = replace(self.ladder, stage=DisputeStage.NEGOTIATION)
        clock = self.in_clock(DeadlineKind.NEGOTIATION, negotiation_s)
        await self.step(EventKind.DISPUTE_CONTESTED, actor, ladder, clock=clock)

    async def _propose(self, command: MakeProposal) -> None:
        side = side_of(self.order, command.actor)
        refund, release = verdict_shares(command.outcome, command.refund_minor, self.order.held)
        new = Proposal(
            command.proposal_id, side, command.outcome, command.refund_minor, workflow.now()
        )
        facts = {
            "outcome": command.outcome,
            "refund_minor": str(refund.amount_minor),
            "release_minor": str(release.amount_minor),
            CONCERNS: f"{side} {side.other}",
        }
        ladder = self.ladder.with_proposal(new)
        await self.step(EventKind.PROPOSAL_MADE, command.actor, ladder, facts)

    async def _agree(
        self,
        actor: Actor,
        outcome: VerdictOutcome,
        refund_minor: int | None,
        ladder: Ladder | None = None,
    ) -> None:
        refund, release = verdict_shares(outcome, refund_minor, self.order.held)
        verdict = Verdict(outcome, refund, release, actor)
        facts = {
            "outcome": outcome,
            "refund_minor": str(refund.amount_minor),
            "release_minor": str(release.amount_minor),
        }
        ladder = ladder or self.ladder
        decision = replace(self.decision_of(verdict, ""), decided_by=None)
        await self.finish(
            EventKind.DISPUTE_AGREED, actor, verdict, facts, replace(ladder, decision=decision)
        )
