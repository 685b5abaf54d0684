"""Random commands by everybody, with a clock: nothing illegal, nobody stuck, every cent in one place."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule

from domain.contracts import Actor, DecideDispute
from domain.deadlines import DeadlineKind
from domain.disputes import default_verdict, verdict_shares
from domain.disputing.commands import (
    AnswerDispute,
    AppealVerdict,
    AskSide,
    CloseProposal,
    MakeProposal,
    StepInDispute,
)
from domain.disputing.ladder import Decision, DisputeStage, Ladder, Proposal, ProposalStatus, Side
from domain.disputing.rules import (
    REPLY_CLOCKS,
    check_accept_proposal,
    check_answer,
    check_appeal,
    check_ask,
    check_call_agent,
    check_judge,
    check_propose,
    check_reply,
    check_take,
    check_waive,
    check_withdraw_proposal,
    side_of,
)
from domain.ids import PersonId
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus, DisputeStatus, EscrowStatus
from tests.domain.builders import EVERYBODY, refusal_of
from tests.domain.everything import Everything, people
from tests.domain.leaving.test_random import POLICIES

K, S = DeadlineKind, DisputeStage
outcomes = st.sampled_from(VerdictOutcome)
amounts = st.integers(1, 4_199)
numbers = st.integers(0, 9)
agents = st.sampled_from(
    [EVERYBODY["agent"], replace(EVERYBODY["agent"], person_id=PersonId("second-agent"))]
)
disputed = precondition(lambda self: self.state.status is DeliveryStatus.DISPUTED)


class Quarrelling(Everything):
    """Everything, and the ladder of a dispute."""

    def may(self, check: Any, command: Any) -> bool:
        assert self.case is not None
        return self.hold is None and refusal_of(check, self.case, command) is None

    @property
    def ladder(self) -> Ladder:
        assert self.case is not None
        return self.case.ladder

    def climb(self, kind: DeadlineKind | None, lasts_s: int, **changes: Any) -> None:
        """Take one step on the ladder; a clock of none stays as it is."""
        assert self.case is not None
        ladder = replace(self.ladder, version=self.ladder.version + 1, **changes)
        self.case = replace(self.case, ladder=ladder)
        if kind is not None:
            lasts = timedelta(seconds=lasts_s)
            self.arm(DeliveryStatus.DISPUTED, EscrowStatus.HELD, kind, lasts)

    @disputed
    @rule(actor=people, accepts=st.booleans())
    def answer(self, actor: Actor, *, accepts: bool) -> None:
        if self.may(check_answer, AnswerDispute(actor, accepts)):
            if accepts and self.ladder.desired is not None:
                self.stand_by(self.ladder.desired, self.ladder.desired_refund_minor)
            else:
                self.climb(K.NEGOTIATION, POLICIES.disputes.negotiation_s, stage=S.NEGOTIATION)

    @disputed
    @rule(actor=people, outcome=outcomes, amount=amounts)
    def propose(self, actor: Actor, outcome: VerdictOutcome, amount: int) -> None:
        refund = amount if outcome is VerdictOutcome.SPLIT else None
        name = f"proposal-{len(self.ladder.proposals)}"
        if self.may(check_propose, MakeProposal(actor, name, outcome, refund)):
            assert self.case is not None
            side = side_of(self.case.order, actor)
            made = self.ladder.with_proposal(Proposal(name, side, outcome, refund, self.now))
            self.climb(None, 0, proposals=made.proposals)

    @disputed
    @rule(actor=people, number=numbers, withdraws=st.booleans())
    def close_proposal(self, actor: Actor, number: int, *, withdraws: bool) -> None:
        command = CloseProposal(actor, f"proposal-{number}")
        if withdraws and self.may(check_withdraw_proposal, command):
            closed = self.ladder.with_status(command.proposal_id, ProposalStatus.WITHDRAWN)
            self.climb(None, 0, proposals=closed.proposals)
        elif not withdraws and self.may(check_accept_proposal, command):
            proposal = self.ladder.proposal(command.proposal_id)
            assert proposal is not None
            self.stand_by(proposal.outcome, proposal.refund_minor)

    @disputed
    @rule(actor=people)
    def call_agent(self, actor: Actor) -> None:
        if self.may(check_call_agent, StepInDispute(actor)):
            self.to_agent()

    @disputed
    @rule(actor=st.one_of(agents, people))
    def take_over(self, actor: Actor) -> None:
        if self.may(check_take, StepInDispute(actor)):
            is_judged = self.ladder.stage in (S.AGENT, S.REVIEW)
            self.climb(None, 0, agent_id=actor.person_id) if is_judged else self.to_agent(actor)

    @disputed
    @rule(actor=st.one_of(agents, people), side=st.sampled_from(Side))
    def ask(self, actor: Actor, side: Side) -> None:
        if self.may(check_ask, AskSide(actor, side, "Was it cracked?")):
            asked = self.ladder.questions + 1
            reply_s = POLICIES.disputes.reply_s
            self.climb(REPLY_CLOCKS[side], reply_s, waiting_for=side, questions=asked)

    @disputed
    @rule(actor=people)
    def reply(self, actor: Actor) -> None:
        if self.may(check_reply, StepInDispute(actor)):
            self.go_on()

    @disputed
    @rule(actor=st.one_of(agents, people), outcome=outcomes, amount=amounts)
    def decide(self, actor: Actor, outcome: VerdictOutcome, amount: int) -> None:
        refund = amount if outcome is VerdictOutcome.SPLIT else None
        if not self.may(check_judge, DecideDispute(actor, outcome, refund)):
            return
        assert self.case is not None
        assert actor.person_id not in self.parties(), "nobody decides a dispute of their own"
        if self.ladder.stage is S.REVIEW:
            self.stand_by(outcome, refund)
            return
        shares = verdict_shares(outcome, refund, self.price)
        given_back, released = (share.amount_minor for share in shares)
        decision = Decision(outcome, given_back, released, actor.person_id, self.now)
        named = {"agent_id": actor.person_id, "waiting_for": None, "decision": decision}
        self.climb(K.APPEAL, POLICIES.disputes.appeal_s, stage=S.APPEAL, **named)

    @disputed
    @rule(actor=people)
    def waive(self, actor: Actor) -> None:
        if self.may(check_waive, StepInDispute(actor)):
            assert self.case is not None
            side = side_of(self.case.order, actor)
            if side.other in self.ladder.waived:
                self.first_stands()
            else:
                self.climb(None, 0, waived=(*self.ladder.waived, side))

    @disputed
    @rule(actor=people)
    def appeal(self, actor: Actor) -> None:
        if self.may(check_appeal, AppealVerdict(actor, "evidence")):
            first = self.ladder.agent_id
            review_s = POLICIES.disputes.review_s
            named = {"first_agent_id": first, "agent_id": None}
            self.climb(K.REVIEW, review_s, stage=S.REVIEW, **named)

    def run_out(self, kind: DeadlineKind) -> None:
        if self.state.status is not DeliveryStatus.DISPUTED:
            super().run_out(kind)
        elif kind in (K.APPEAL, K.REVIEW):
            self.first_stands()
        elif kind in REPLY_CLOCKS.values():
            self.go_on()
        elif kind is K.VERDICT:
            final_s = POLICIES.windows.verdict_final_s - POLICIES.windows.verdict_s
            self.climb(K.VERDICT_FINAL, final_s)
        elif kind is K.VERDICT_FINAL:
            assert self.case is not None
            verdict = default_verdict(self.case.order)
            self.stand_by(
                verdict.outcome, self._named(verdict.outcome, verdict.refund.amount_minor)
            )
        else:
            self.to_agent()

    def to_agent(self, agent: Actor | None = None) -> None:
        """Have an agent decide."""
        named = {"agent_id": agent.person_id if agent else None}
        self.climb(K.VERDICT, POLICIES.windows.verdict_s, stage=S.AGENT, **named)

    def go_on(self) -> None:
        """Go on after a question, with or without a reply."""
        is_review = self.ladder.stage is S.REVIEW
        lasts_s = POLICIES.disputes.review_s if is_review else POLICIES.windows.verdict_s
        self.climb(K.REVIEW if is_review else K.VERDICT, lasts_s, waiting_for=None)

    def first_stands(self) -> None:
        """Make the first verdict final."""
        decision = self.ladder.decision
        assert decision is not None, "there is a verdict to stand"
        self.stand_by(decision.outcome, self._named(decision.outcome, decision.refund_minor))

    def stand_by(self, outcome: VerdictOutcome, refund_minor: int | None) -> None:
        """Settle the money as a verdict or an agreement says."""
        refund, _ = verdict_shares(outcome, refund_minor, self.price)
        self.climb(None, 0, stage=S.CLOSED)
        self.decided = True
        self.settle(refund.amount_minor, dispute=DisputeStatus.DECIDED)

    def _named(self, outcome: VerdictOutcome, refund_minor: int) -> int | None:
        return refund_minor if outcome is VerdictOutcome.SPLIT else None


TestEverything = Quarrelling.TestCase
TestEverything.settings = settings(max_examples=150, stateful_step_count=50, deadline=None)
