"""What one person may do next in a dispute: every rule is asked, none is written twice."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial

from domain.contracts import Actor, DecideDispute
from domain.disputing.commands import (
    AnswerDispute,
    AppealVerdict,
    AskSide,
    CloseProposal,
    MakeProposal,
    StepInDispute,
)
from domain.disputing.ladder import ProposalStatus, Side
from domain.disputing.rules import (
    DisputeCase,
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
)
from domain.errors import Refusal
from domain.policies import VerdictOutcome


def next_steps(case: DisputeCase, actor: Actor) -> list[str]:
    """Return the names of the steps that a person may take now, in the order of the ladder."""
    return [name for name, rule in _steps(case, actor) if _allows(rule)]


def _steps(case: DisputeCase, actor: Actor) -> Iterator[tuple[str, Callable[[], None]]]:
    step = StepInDispute(actor)
    yield "answer", lambda: check_answer(case, AnswerDispute(actor, accepts=False))
    for each in case.ladder.proposals:
        if each.status is ProposalStatus.OPEN:
            closing = CloseProposal(actor, each.proposal_id)
            yield "accept_proposal", partial(check_accept_proposal, case, closing)
            yield "withdraw_proposal", partial(check_withdraw_proposal, case, closing)
    proposal = MakeProposal(actor, "", VerdictOutcome.REFUND)
    yield "propose", lambda: check_propose(case, proposal)
    yield "call_agent", lambda: check_call_agent(case, step)
    yield "reply", lambda: check_reply(case, step)
    yield "take_over", lambda: check_take(case, step)
    yield "ask", lambda: check_ask(case, AskSide(actor, Side.CUSTOMER, ""))
    yield "decide", lambda: check_judge(case, DecideDispute(actor, VerdictOutcome.REFUND))
    yield "appeal", lambda: check_appeal(case, AppealVerdict(actor, ""))
    yield "waive_appeal", lambda: check_waive(case, step)


def _allows(rule: Callable[[], None]) -> bool:
    try:
        rule()
    except Refusal:
        return False
    return True
