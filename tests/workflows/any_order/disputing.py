"""The steps of a dispute; importing this module registers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from domain.contracts import (
    Actor,
    DecideDispute,
)
from domain.disputing.commands import (
    AnswerDispute,
    AppealVerdict,
    AskSide,
    CloseProposal,
    MakeProposal,
    StepInDispute,
)
from domain.disputing.ladder import Side
from domain.policies import VerdictOutcome
from infra.identifiers import new_id
from tests.workflows.any_order.registry import PARTIES, step

if TYPE_CHECKING:
    from tests.workflows.any_order.story import Story


@step({"agent"})
def decide(story: Story, actor: Actor) -> DecideDispute:
    outcome = story.random.choice(tuple(VerdictOutcome))
    return DecideDispute(actor, outcome, 1_000 if outcome is VerdictOutcome.SPLIT else None)


@step(PARTIES)
def answer_dispute(story: Story, actor: Actor) -> AnswerDispute:
    return AnswerDispute(actor, story.random.random() < 0.3)


@step(PARTIES)
def propose(story: Story, actor: Actor) -> MakeProposal:
    proposal_id, outcome = new_id(), story.random.choice(tuple(VerdictOutcome))
    story.proposals.append(proposal_id)
    refund = 2_000 if outcome is VerdictOutcome.SPLIT else None
    return MakeProposal(actor, proposal_id, outcome, refund)


@step(PARTIES)
def accept_proposal(story: Story, actor: Actor) -> CloseProposal:
    return CloseProposal(actor, story.random.choice(story.proposals or [new_id()]))


@step(PARTIES)
def withdraw_proposal(story: Story, actor: Actor) -> CloseProposal:
    return CloseProposal(actor, story.random.choice(story.proposals or [new_id()]))


@step(PARTIES)
def end_negotiation(_story: Story, actor: Actor) -> StepInDispute:
    return StepInDispute(actor)


@step({"agent"})
def take_over(_story: Story, actor: Actor) -> StepInDispute:
    return StepInDispute(actor)


@step({"agent"})
def ask_side(story: Story, actor: Actor) -> AskSide:
    return AskSide(actor, story.random.choice(tuple(Side)), "Was it cracked at pickup?")


@step(PARTIES)
def reply(_story: Story, actor: Actor) -> StepInDispute:
    return StepInDispute(actor)


@step(PARTIES)
def waive_appeal(_story: Story, actor: Actor) -> StepInDispute:
    return StepInDispute(actor)


@step(PARTIES)
def appeal(_story: Story, actor: Actor) -> AppealVerdict:
    return AppealVerdict(actor, new_id())
