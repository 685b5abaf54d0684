"""One dispute from its opening to the verdict that stands: child workflow of its delivery."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any

from temporalio import workflow

from workflows.disputes.judging import JudgingStage, verdict_facts
from workflows.disputes.talking import TalkingStage

with workflow.unsafe.imports_passed_through():
    from domain.business_hours import clock_due
    from domain.contracts import PLATFORM, DecideDispute, DisputeOrder, Verdict
    from domain.deadlines import DeadlineKind
    from domain.disputes import default_verdict, verdict_of
    from domain.disputing.ladder import DisputeStage
    from domain.disputing.rules import check_judge
    from domain.errors import Refusal, RefusalCode
    from domain.lifecycle import VERDICT_OVERDUE
    from domain.messages import CONCERNS
    from domain.status import DisputeStatus
    from domain.transitions import EventKind

Default = Callable[[], Coroutine[Any, Any, None]]


@workflow.defn(name="dispute")
class DisputeWorkflow(TalkingStage, JudgingStage):
    """The quarrel over one held payment."""

    @workflow.init
    def __init__(self, order: DisputeOrder) -> None:
        super().__init__(order)

    @workflow.run
    async def run(self, order: DisputeOrder) -> Verdict:
        """Climb the ladder until a verdict or an agreement stands; return it."""
        return await self.shielded(self._settle(order))

    @workflow.update(description="A support agent decides, at any stage: release, refund or split.")
    async def decide(self, command: DecideDispute) -> Verdict:
        """Give the verdict; it is final unless it can be appealed."""
        async with self.command(lambda: self._check_decide(command)):
            if self.order.ladder is not None:
                return await self.judge(command)
            verdict = verdict_of(command, self.order.held)
            return await self._record_verdict(verdict, command.note)

    @decide.validator
    def _may_decide(self, command: DecideDispute) -> None:
        self.admit(lambda: self._check_decide(command))

    async def _settle(self, order: DisputeOrder) -> Verdict:
        self.is_open = True
        self.stand(order.standing)
        if order.ladder is not None:
            return await self._climb()
        await self.wait_or_default(lambda: self.verdict is not None, self._raise_alarm)
        if self.verdict is None:
            await self.tell_delivery()
        await self.wait_or_default(lambda: self.verdict is not None, self._apply_default)
        if self.verdict is None:
            raise AssertionError("the default verdict was applied")
        self.publish()
        return self.verdict

    async def _climb(self) -> Verdict:
        self.armed_at = workflow.now()
        async with self.turn:
            if self.ladder.stage is DisputeStage.AGENT and self.ladder.agent_id is None:
                # Whoever is told of the opening knows already that an agent decides.
                concerned = {CONCERNS: "agent"}
                await self.call_agent(EventKind.AGENT_CALLED, PLATFORM, self.ladder, concerned)
        while self.verdict is None:
            await self.until_resumed()
            assert self.clock is not None, "every stage has a clock"
            await self.wait_for_move(self._defaults()[self.clock[0]])
            if self.verdict is None:
                await self.tell_delivery()
        self.publish()
        return self.verdict

    def _defaults(self) -> dict[DeadlineKind, Default]:
        return {
            DeadlineKind.ANSWER_OF_CUSTOMER: self.go_unanswered,
            DeadlineKind.ANSWER_OF_TRAVELER: self.go_unanswered,
            DeadlineKind.NEGOTIATION: self.find_no_agreement,
            DeadlineKind.VERDICT: self.raise_alarm,
            DeadlineKind.VERDICT_FINAL: self.apply_default,
            DeadlineKind.REPLY_OF_CUSTOMER: self.note_silence,
            DeadlineKind.REPLY_OF_TRAVELER: self.note_silence,
            DeadlineKind.APPEAL: self.let_verdict_stand,
            DeadlineKind.REVIEW: self.let_verdict_stand,
        }

    def _check_decide(self, command: DecideDispute) -> None:
        check_judge(self.case, command)
        if self.verdict is not None:
            raise Refusal(
                RefusalCode.DISPUTE_ALREADY_DECIDED, "This dispute has been decided already."
            )

    async def _raise_alarm(self) -> None:
        left_s = self.policies.windows.verdict_final_s - self.policies.windows.verdict_s
        standing = replace(
            self.standing,
            attention=VERDICT_OVERDUE,
            deadline_kind=DeadlineKind.VERDICT_FINAL,
            deadline_at=clock_due(
                self.policies.hours, DeadlineKind.VERDICT_FINAL, workflow.now(), max(left_s, 0)
            ),
        )
        await self.record(
            self.transition(EventKind.VERDICT_OVERDUE, "verdict_overdue", PLATFORM, standing)
        )

    async def _apply_default(self) -> None:
        await self._record_verdict(default_verdict(self.order), "no agent decided in time")

    async def _record_verdict(self, verdict: Verdict, note: str) -> Verdict:
        standing = replace(
            self.standing,
            dispute=DisputeStatus.DECIDED,
            attention=None,
            deadline_kind=None,
            deadline_at=None,
        )
        facts, actor = verdict_facts(verdict, note), verdict.decided_by
        await self.record(
            self.transition(EventKind.VERDICT_GIVEN, "verdict_given", actor, standing, facts=facts)
        )
        self.verdict = replace(verdict, standing=standing)
        return self.verdict
