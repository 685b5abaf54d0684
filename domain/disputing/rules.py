"""What each side and the agents may do at each stage of a dispute: pure checks.

A check returns nothing when the step is allowed and raises a `Refusal` otherwise. The API asks the
same checks to say what a person may do next.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from domain.contracts import (
    Actor,
    DecideDispute,
    DeliveryOrder,
    DisputeOrder,
    OpenDispute,
    Role,
)
from domain.deadlines import RULES, DeadlineKind, Owner
from domain.disputes import check_decide, verdict_shares
from domain.disputing.commands import (
    AnswerDispute,
    AppealVerdict,
    AskSide,
    CloseProposal,
    MakeProposal,
    StepInDispute,
)
from domain.disputing.ladder import DisputeStage, Ladder, Proposal, ProposalStatus, Side
from domain.disputing.policy import DisputePolicy
from domain.errors import Refusal, RefusalCode
from domain.money import Money
from domain.policies import Policies, VerdictOutcome

_TALKING = frozenset({DisputeStage.NEGOTIATION, DisputeStage.AGENT})
"""Stages in which the sides may still agree."""
_JUDGED = frozenset({DisputeStage.AGENT, DisputeStage.REVIEW})
"""Stages in which an agent must decide."""

_EVERYTHING = {
    Role.CUSTOMER: VerdictOutcome.REFUND,
    Role.RECIPIENT: VerdictOutcome.REFUND,
    Role.TRAVELER: VerdictOutcome.RELEASE,
}
"""What each side asks for when it opens a dispute and names nothing."""
_VERSIONS_OF_A_RUN = 10_000
"""More steps than a dispute ever takes: the server ends a workflow at 2,000 updates."""

APPEALS_SKILL = "appeals"
"""Skill of the agents to whom appeals go first."""

ANSWER_CLOCKS = {
    Side.CUSTOMER: DeadlineKind.ANSWER_OF_CUSTOMER,
    Side.TRAVELER: DeadlineKind.ANSWER_OF_TRAVELER,
}
REPLY_CLOCKS = {
    Side.CUSTOMER: DeadlineKind.REPLY_OF_CUSTOMER,
    Side.TRAVELER: DeadlineKind.REPLY_OF_TRAVELER,
}


@dataclass(frozen=True, slots=True)
class DisputeCase:
    """Everything the rules look at."""

    order: DisputeOrder
    """What the dispute is about; the API fills in what the rules read of it."""
    ladder: Ladder
    """Where it stands."""

    @property
    def opener(self) -> Side | None:
        """The side that opened it; the recipient speaks for the customer's."""
        role = self.order.opened_by.role
        if role is Role.TRAVELER:
            return Side.TRAVELER
        return Side.CUSTOMER if role in (Role.CUSTOMER, Role.RECIPIENT) else None

    @property
    def is_over(self) -> bool:
        """Whether nothing can change any more."""
        return self.ladder.stage is DisputeStage.CLOSED


def opening_ladder(
    policy: DisputePolicy,
    opened_by: Actor,
    desired: VerdictOutcome | None,
    refund_minor: int | None,
) -> Ladder:
    """Return the ladder of a new dispute: its other side answers first, if there is one.

    Whoever names nothing asks for everything.
    """
    wanted = desired or _EVERYTHING.get(opened_by.role)
    has_answer = opened_by.role in _EVERYTHING and policy.answer_s > 0
    stage = DisputeStage.ANSWER if has_answer else DisputeStage.AGENT
    return Ladder(stage, desired=wanted, desired_refund_minor=refund_minor)


def opening_clock(
    policies: Policies, opened_by: Actor, ladder: Ladder | None
) -> tuple[DeadlineKind, int]:
    """Return the first clock of a new dispute, and its seconds."""
    if ladder is None or ladder.stage is not DisputeStage.ANSWER:
        return DeadlineKind.VERDICT, policies.windows.verdict_s
    other = Side.CUSTOMER if opened_by.role is Role.TRAVELER else Side.TRAVELER
    return ANSWER_CLOCKS[other], policies.disputes.answer_s


def begun_again(ladder: Ladder) -> Ladder:
    """Return the ladder of a dispute whose workflow was ended by mistake: it goes to an agent.

    Its versions are new ones: what people saw of the one before is no longer true.
    """
    return replace(ladder, stage=DisputeStage.AGENT, version=ladder.version + _VERSIONS_OF_A_RUN)


def check_desired(order: DeliveryOrder, command: OpenDispute, held: Money) -> None:
    """Check what whoever opens a dispute asks for; the recipient cannot give away the customer's.

    Raises:
        Refusal: `verdict_amount_invalid` or `not_your_role`.
    """
    if command.desired is None:
        return
    verdict_shares(command.desired, command.desired_refund_minor, held)
    is_customer = command.actor.person_id == order.customer_id
    speaks_for_customer = command.actor.role is Role.RECIPIENT and not is_customer
    if speaks_for_customer and command.desired is not VerdictOutcome.REFUND:
        raise Refusal(
            RefusalCode.NOT_YOUR_ROLE, "Only the customer may ask for less than a full refund."
        )


def side_of(order: DisputeOrder, actor: Actor) -> Side:
    """Return the side for which somebody may speak: whose money it is.

    Raises:
        Refusal: `not_your_role`.
    """
    if actor.person_id is not None and actor.person_id == order.order.customer_id:
        return Side.CUSTOMER
    if actor.person_id is not None and actor.person_id == order.standing.traveler_id:
        return Side.TRAVELER
    raise Refusal(
        RefusalCode.NOT_YOUR_ROLE, "Only the customer and the traveler may do this in a dispute."
    )


def check_answer(case: DisputeCase, command: AnswerDispute) -> None:
    """Check that the other side has not answered yet."""
    side = side_of(case.order, command.actor)
    _require_stage(case, command.version, DisputeStage.ANSWER)
    if side is case.opener:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "The other side has to answer.")


def check_propose(case: DisputeCase, command: MakeProposal) -> None:
    """Check that a side may name how it would settle the dispute."""
    side = side_of(case.order, command.actor)
    _require_stage(case, command.version, *_TALKING)
    made = sum(each.by is side for each in case.ladder.proposals)
    if made >= case.order.order.policies.disputes.proposals_max:
        raise Refusal(RefusalCode.PROPOSALS_REACHED, "You have made enough proposals.")
    verdict_shares(command.outcome, command.refund_minor, case.order.held)


def check_accept_proposal(case: DisputeCase, command: CloseProposal) -> None:
    """Check that a proposal of the other side is open."""
    side = side_of(case.order, command.actor)
    proposal = _open_proposal(case, command)
    if proposal.by is side:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "The other side has to accept it.")


def check_withdraw_proposal(case: DisputeCase, command: CloseProposal) -> None:
    """Check that a proposal of one's own is open."""
    side = side_of(case.order, command.actor)
    proposal = _open_proposal(case, command)
    if proposal.by is not side:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only its own side can withdraw a proposal.")


def check_call_agent(case: DisputeCase, command: StepInDispute) -> None:
    """Check that a side may end the negotiation and have an agent decide."""
    side_of(case.order, command.actor)
    _require_stage(case, command.version, DisputeStage.NEGOTIATION)


def check_take(case: DisputeCase, command: StepInDispute) -> None:
    """Check that an agent may take the dispute over, at any stage before a verdict."""
    _require_judge(case, command.actor)
    early = (DisputeStage.ANSWER, DisputeStage.NEGOTIATION)
    _require_stage(case, command.version, *early, *_JUDGED)


def check_ask(case: DisputeCase, command: AskSide) -> None:
    """Check that the agent who is on the dispute may ask a side something."""
    _require_judge(case, command.actor)
    _require_stage(case, command.version, *_JUDGED)
    if command.actor.person_id != case.ladder.agent_id:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Take the dispute over before you ask.")
    if case.ladder.waiting_for is not None:
        raise Refusal(RefusalCode.WRONG_STATE, "Somebody has been asked already.")
    if case.ladder.questions >= case.order.order.policies.disputes.questions_max:
        raise Refusal(RefusalCode.WRONG_STATE, "Enough was asked: decide by what is there.")


def check_reply(case: DisputeCase, command: StepInDispute) -> None:
    """Check that this side was asked something."""
    side = side_of(case.order, command.actor)
    _require_stage(case, command.version, *_JUDGED)
    if case.ladder.waiting_for is not side:
        raise Refusal(RefusalCode.WRONG_STATE, "Nothing was asked of you.")


def check_judge(case: DisputeCase, command: DecideDispute) -> None:
    """Check that an agent may give this verdict now; before the agent's stage it takes over."""
    check_decide(command, case.order)
    _require_judge(case, command.actor)
    if case.is_over or case.ladder.stage is DisputeStage.APPEAL:
        raise Refusal(RefusalCode.DISPUTE_ALREADY_DECIDED, "This dispute has been decided already.")
    require_version(case, command.version)


def check_waive(case: DisputeCase, command: StepInDispute) -> None:
    """Check that a side may say that it will not appeal."""
    side = side_of(case.order, command.actor)
    _require_stage(case, command.version, DisputeStage.APPEAL)
    _require_not_waived(case, side)


def check_appeal(case: DisputeCase, command: AppealVerdict) -> None:
    """Check that the window is open and this side has not waived it."""
    side = side_of(case.order, command.actor)
    _require_stage(case, command.version, DisputeStage.APPEAL)
    _require_not_waived(case, side)


def require_version(case: DisputeCase, version: int | None) -> None:
    """Check that the dispute is still what the person has seen.

    Raises:
        Refusal: `dispute_changed`.
    """
    if version is not None and version != case.ladder.version:
        raise Refusal(
            RefusalCode.DISPUTE_CHANGED, "The dispute has changed since you looked at it."
        )


def owners_of(case: DisputeCase, kind: DeadlineKind) -> tuple[str, ...]:
    """Return the roles of those who are reminded of a clock."""
    if RULES[kind].owner is not Owner.SIDES:
        return (RULES[kind].owner,)
    if kind is not DeadlineKind.APPEAL:
        return (Side.CUSTOMER, Side.TRAVELER)
    return tuple(side for side in Side if side not in case.ladder.waived)


def next_reminder(
    left_s: tuple[int, ...], armed_at: datetime, due_at: datetime, sent: int
) -> datetime | None:
    """Return when the next reminder of a clock is due, or none.

    Reminders that would have been due before the clock was armed are left out.
    """
    moments = sorted(due_at.timestamp() - each for each in left_s)
    future = [moment for moment in moments if moment > armed_at.timestamp()]
    return datetime.fromtimestamp(future[sent], due_at.tzinfo) if sent < len(future) else None


def _require_stage(case: DisputeCase, version: int | None, *allowed: DisputeStage) -> None:
    if case.is_over:
        raise Refusal(RefusalCode.DISPUTE_CLOSED, "The dispute is settled.")
    require_version(case, version)
    if case.ladder.stage not in allowed:
        raise Refusal(
            RefusalCode.WRONG_STATE,
            f"The dispute is at the stage {case.ladder.stage} and cannot take this step.",
        )


def _require_judge(case: DisputeCase, actor: Actor) -> None:
    if actor.role is not Role.AGENT:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Only a support agent may do this in a dispute.")
    delivery = case.order.order
    parties = (delivery.customer_id, delivery.sender_id, delivery.recipient_id)
    if actor.person_id in (*parties, case.order.standing.traveler_id):
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "A party of the delivery cannot act as its agent.")
    if actor.person_id is not None and actor.person_id == case.ladder.first_agent_id:
        raise Refusal(RefusalCode.NOT_YOUR_ROLE, "Whoever gave the first verdict cannot review it.")


def _require_not_waived(case: DisputeCase, side: Side) -> None:
    if side in case.ladder.waived:
        raise Refusal(RefusalCode.WRONG_STATE, "You have waived the appeal already.")


def _open_proposal(case: DisputeCase, command: CloseProposal) -> Proposal:
    _require_stage(case, command.version, *_TALKING)
    proposal = case.ladder.proposal(command.proposal_id)
    if proposal is None:
        raise Refusal(RefusalCode.PROPOSAL_UNKNOWN, "There is no such proposal.")
    if proposal.status is not ProposalStatus.OPEN:
        raise Refusal(RefusalCode.PROPOSAL_CLOSED, f"The proposal is {proposal.status}.")
    return proposal
