"""The stages in which an agent decides: questions, a verdict, an appeal and its review."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from temporalio import workflow

from workflows.disputes.core import DisputeCore

with workflow.unsafe.imports_passed_through():
    from domain.business_hours import clock_resumed
    from domain.contracts import PLATFORM, Actor, DecideDispute, DisputeOrder, Role, Verdict
    from domain.deadlines import DeadlineKind
    from domain.disputes import default_verdict, verdict_of
    from domain.disputing.commands import AppealVerdict, AskSide, DisputeStanding, StepInDispute
    from domain.disputing.ladder import Decision, DisputeStage, Ladder
    from domain.disputing.rules import (
        APPEALS_SKILL,
        REPLY_CLOCKS,
        check_appeal,
        check_ask,
        check_reply,
        check_take,
        check_waive,
        side_of,
    )
    from domain.lifecycle import VERDICT_OVERDUE
    from domain.messages import CONCERNS
    from domain.money import Money
    from domain.transitions import EventKind


class JudgingStage(DisputeCore):
    """From an agent's first look to the verdict that stands."""

    def __init__(self, order: DisputeOrder) -> None:
        super().__init__(order)
        self.paused: tuple[DeadlineKind, timedelta] | None = None

    @workflow.update(description="An agent takes the dispute over, whatever its stage.")
    async def take_over(self, command: StepInDispute) -> DisputeStanding:
        """Put the agent on the dispute; what the sides had left to say ends with it."""
        async with self.command(lambda: check_take(self.case, command)):
            ladder = replace(self.ladder, agent_id=command.actor.person_id)
            if self.ladder.stage in (DisputeStage.AGENT, DisputeStage.REVIEW):
                await self.step(EventKind.AGENT_TOOK_OVER, command.actor, ladder)
            else:
                ladder = replace(ladder, stage=DisputeStage.AGENT)
                clock = self.in_clock(DeadlineKind.VERDICT, self.policies.windows.verdict_s)
                await self.step(EventKind.AGENT_TOOK_OVER, command.actor, ladder, clock=clock)
        return self.answer()

    @take_over.validator
    def _may_take_over(self, command: StepInDispute) -> None:
        self.admit(lambda: check_take(self.case, command))

    @workflow.update(
        description="The agent asks a side something; the agent's clock stands still until then."
    )
    async def ask_side(self, command: AskSide) -> DisputeStanding:
        """Ask, and stop the agent's clock."""
        async with self.command(lambda: check_ask(self.case, command)):
            assert self.clock is not None, "an agent's stage always has a clock"
            kind, due_at = self.clock
            left = max(due_at - workflow.now(), timedelta(0))
            ladder = replace(
                self.ladder,
                waiting_for=command.side,
                question=command.question,
                questions=self.ladder.questions + 1,
            )
            facts = {CONCERNS: str(command.side), "question": command.question}
            clock = self.in_clock(REPLY_CLOCKS[command.side], self.policies.disputes.reply_s)
            await self.step(EventKind.SIDE_ASKED, command.actor, ladder, facts, clock=clock)
            self.paused = kind, left
        return self.answer()

    @ask_side.validator
    def _may_ask_side(self, command: AskSide) -> None:
        self.admit(lambda: check_ask(self.case, command))

    @workflow.update(description="A side has replied to the agent; the agent's clock goes on.")
    async def reply(self, command: StepInDispute) -> DisputeStanding:
        """Let the agent's clock go on; what was said is in the database."""
        async with self.command(lambda: check_reply(self.case, command)):
            await self._go_on(EventKind.SIDE_REPLIED, command.actor, self.ladder)
        return self.answer()

    @reply.validator
    def _may_reply(self, command: StepInDispute) -> None:
        self.admit(lambda: check_reply(self.case, command))

    @workflow.update(description="A side will not appeal; once both have said so, it is final.")
    async def waive_appeal(self, command: StepInDispute) -> DisputeStanding:
        """Note that a side will not appeal."""
        async with self.command(lambda: check_waive(self.case, command)):
            side = side_of(self.order, command.actor)
            ladder = replace(self.ladder, waived=(*self.ladder.waived, side))
            if side.other in ladder.waived:
                await self._let_stand(command.actor, ladder)
            else:
                await self.step(EventKind.APPEAL_WAIVED, command.actor, ladder)
        return self.answer()

    @waive_appeal.validator
    def _may_waive_appeal(self, command: StepInDispute) -> None:
        self.admit(lambda: check_waive(self.case, command))

    @workflow.update(description="A side appeals the verdict with new evidence: a second agent.")
    async def appeal(self, command: AppealVerdict) -> DisputeStanding:
        """Hand the dispute to another agent."""
        async with self.command(lambda: check_appeal(self.case, command)):
            side, first = side_of(self.order, command.actor), self.ladder.agent_id
            ladder = replace(self.ladder, first_agent_id=first, appealed_by=side)
            agent_id = await self.choose_agent(APPEALS_SKILL, ladder)
            ladder = replace(ladder, stage=DisputeStage.REVIEW, agent_id=agent_id)
            clock = self.in_clock(DeadlineKind.REVIEW, self.policies.disputes.review_s)
            facts = {"evidence_id": command.evidence_id}
            await self.step(EventKind.VERDICT_APPEALED, command.actor, ladder, facts, clock=clock)
        return self.answer()

    @appeal.validator
    def _may_appeal(self, command: AppealVerdict) -> None:
        self.admit(lambda: check_appeal(self.case, command))

    @workflow.signal(description="The parcel arrived after all: the recipient's code was scanned.")
    def handover_proven(self) -> None:
        """Let the default verdict count the handover as proven."""
        self.order = replace(self.order, handover_proven=True)

    async def judge(self, command: DecideDispute) -> Verdict:
        """Write a verdict, which is final unless it can be appealed; return it."""
        verdict = verdict_of(command, self.order.held)
        facts = verdict_facts(verdict, command.note)
        ladder = replace(
            self.ladder,
            agent_id=command.actor.person_id,
            waiting_for=None,
            decision=self.decision_of(verdict, command.note),
        )
        appeal_s = self.policies.disputes.appeal_s
        if ladder.stage is DisputeStage.REVIEW or not appeal_s:
            return await self.finish(EventKind.VERDICT_GIVEN, command.actor, verdict, facts, ladder)
        ladder = replace(ladder, stage=DisputeStage.APPEAL)
        clock = self.in_clock(DeadlineKind.APPEAL, appeal_s)
        await self.step(
            EventKind.FIRST_VERDICT_GIVEN,
            command.actor,
            ladder,
            facts,
            clock=clock,
            attention=None,
        )
        return replace(verdict, standing=self.standing)

    async def let_verdict_stand(self) -> None:
        """Make the first verdict final: nobody appealed in time, or nobody reviewed it in time."""
        await self._let_stand(PLATFORM, self.ladder)

    async def note_silence(self) -> None:
        """Go on without a reply."""
        assert self.ladder.waiting_for is not None, "somebody was asked"
        absent = (*self.ladder.absent, self.ladder.waiting_for)
        ladder = replace(self.ladder, absent=tuple(dict.fromkeys(absent)))
        await self._go_on(EventKind.SIDE_SILENT, PLATFORM, ladder)

    async def raise_alarm(self) -> None:
        """Tell operations staff that the verdict is overdue, and start the last clock."""
        windows = self.policies.windows
        left_s = max(windows.verdict_final_s - windows.verdict_s, 0)
        clock = self.in_clock(DeadlineKind.VERDICT_FINAL, left_s)
        await self.step(
            EventKind.VERDICT_OVERDUE,
            PLATFORM,
            self.ladder,
            clock=clock,
            attention=VERDICT_OVERDUE,
        )

    async def apply_default(self) -> None:
        """Decide by the policy's default, finally: no agent did."""
        verdict = default_verdict(self.order)
        facts = verdict_facts(verdict, "no agent decided in time")
        await self.finish(EventKind.VERDICT_GIVEN, PLATFORM, verdict, facts, self.ladder)

    async def _go_on(self, event: EventKind, actor: Actor, ladder: Ladder) -> None:
        assert self.paused is not None, "the clock stands still while somebody is asked"
        kind, left = self.paused
        ladder = replace(ladder, waiting_for=None)
        due_at = clock_resumed(self.policies.hours, kind, workflow.now(), left)
        await self.step(event, actor, ladder, clock=(kind, due_at))
        self.paused = None

    async def _let_stand(self, actor: Actor, ladder: Ladder) -> None:
        decision = ladder.decision
        assert decision is not None, "there is a verdict to stand"
        verdict = _verdict_in(decision, self.order.held.currency)
        facts = verdict_facts(verdict, decision.note)
        await self.finish(EventKind.VERDICT_STANDS, actor, verdict, facts, ladder)


def verdict_facts(verdict: Verdict, note: str) -> dict[str, str]:
    """Return what the timeline says of a verdict."""
    return {
        "outcome": verdict.outcome,
        "refund_minor": str(verdict.refund.amount_minor),
        "release_minor": str(verdict.release.amount_minor),
        "note": note,
    }


def _verdict_in(decision: Decision, currency: str) -> Verdict:
    agent = Actor(Role.AGENT, decision.decided_by)
    refund = Money(decision.refund_minor, currency)
    return Verdict(decision.outcome, refund, Money(decision.release_minor, currency), agent)
