"""The rules of a dispute's ladder: who may take which step at which stage."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.contracts import Actor, DisputeOrder, DisputeReason, OpenDispute, Role
from domain.deadlines import RULES, DeadlineKind, Owner
from domain.disputes import verdict_money
from domain.disputing.commands import CloseProposal, MakeProposal
from domain.disputing.ladder import (
    DisputeStage,
    Ladder,
    Proposal,
    ProposalStatus,
    Side,
)
from domain.disputing.next_steps import next_steps
from domain.disputing.policy import AGENT_ALONE, DisputePolicy
from domain.disputing.rules import (
    DisputeCase,
    begun_again,
    check_accept_proposal,
    check_desired,
    check_propose,
    next_reminder,
    opening_clock,
    opening_ladder,
    owners_of,
    require_version,
)
from domain.errors import RefusalCode
from domain.money import Money
from domain.policies import FeePolicy, Policies, VerdictOutcome
from domain.status import DeliveryStatus
from tests.domain.builders import (
    AGENT,
    CUSTOMER,
    DELIVERY,
    DISPUTE,
    NOW,
    OPERATOR,
    ORDER,
    PRICE,
    RECIPIENT,
    STRANGER,
    TRAVELER,
    payments,
    refusal_of,
    standing_at,
)

REFUND, RELEASE, SPLIT = VerdictOutcome.REFUND, VerdictOutcome.RELEASE, VerdictOutcome.SPLIT
OPEN = Proposal("theirs", Side.TRAVELER, SPLIT, 1_000, NOW)


def case_at(stage: DisputeStage, opened_by: Actor = CUSTOMER, **ladder: Any) -> DisputeCase:
    order = DisputeOrder(
        delivery_id=DELIVERY,
        dispute_id=DISPUTE,
        opened_by=opened_by,
        reason=DisputeReason.DAMAGED,
        held=PRICE,
        handover_proven=True,
        standing=standing_at(DeliveryStatus.DISPUTED),
        order=replace(ORDER, policies=Policies(disputes=DisputePolicy())),
    )
    return DisputeCase(order, replace(Ladder(stage), **ladder))


STEPS = {
    DisputeStage.ANSWER: ([], ["answer"], ["take_over", "decide"]),
    DisputeStage.NEGOTIATION: (
        ["accept_proposal", "propose", "call_agent"],
        ["withdraw_proposal", "propose", "call_agent"],
        ["take_over", "decide"],
    ),
    DisputeStage.AGENT: (
        ["accept_proposal", "propose"],
        ["withdraw_proposal", "propose"],
        ["take_over", "ask", "decide"],
    ),
    DisputeStage.APPEAL: (["appeal", "waive_appeal"], ["appeal", "waive_appeal"], []),
    DisputeStage.REVIEW: ([], [], ["take_over", "ask", "decide"]),
    DisputeStage.CLOSED: ([], [], []),
}


@pytest.mark.parametrize("stage", DisputeStage)
def test_each_stage_has_its_steps_and_strangers_have_none(stage: DisputeStage) -> None:
    case = case_at(stage, proposals=(OPEN,), agent_id=AGENT.person_id)
    for actor, expected in zip((CUSTOMER, TRAVELER, AGENT), STEPS[stage], strict=True):
        assert next_steps(case, actor) == expected, actor
    for actor in (STRANGER, RECIPIENT, OPERATOR):
        assert next_steps(case, actor) == []


def test_who_gave_the_first_verdict_has_no_part_in_its_review() -> None:
    case = case_at(DisputeStage.REVIEW, first_agent_id=AGENT.person_id)
    assert next_steps(case, AGENT) == []


def test_a_side_that_waived_cannot_appeal() -> None:
    case = case_at(DisputeStage.APPEAL, waived=(Side.CUSTOMER,))
    assert next_steps(case, CUSTOMER) == []
    assert owners_of(case, DeadlineKind.APPEAL) == (Side.TRAVELER,)


@pytest.mark.parametrize(
    ("opener", "stage", "clock", "desired"),
    [
        (CUSTOMER, DisputeStage.ANSWER, DeadlineKind.ANSWER_OF_TRAVELER, REFUND),
        (RECIPIENT, DisputeStage.ANSWER, DeadlineKind.ANSWER_OF_TRAVELER, REFUND),
        (TRAVELER, DisputeStage.ANSWER, DeadlineKind.ANSWER_OF_CUSTOMER, RELEASE),
        (OPERATOR, DisputeStage.AGENT, DeadlineKind.VERDICT, None),
    ],
)
def test_the_other_side_answers_first_where_there_is_one(
    opener: Actor, stage: DisputeStage, clock: DeadlineKind, desired: VerdictOutcome | None
) -> None:
    policies = Policies(disputes=DisputePolicy())
    ladder = opening_ladder(policies.disputes, opener, None, None)
    assert (ladder.stage, ladder.desired) == (stage, desired)
    assert opening_clock(policies, opener, ladder)[0] is clock


def test_an_agent_alone_is_called_at_once() -> None:
    ladder = opening_ladder(AGENT_ALONE, CUSTOMER, None, None)
    assert ladder.stage is DisputeStage.AGENT
    assert opening_clock(Policies(), CUSTOMER, ladder)[0] is DeadlineKind.VERDICT


@pytest.mark.parametrize(
    ("actor", "desired", "refund_minor", "refusal"),
    [
        (CUSTOMER, SPLIT, 100, None),
        (CUSTOMER, SPLIT, None, RefusalCode.VERDICT_AMOUNT_INVALID),
        (CUSTOMER, None, None, None),
        (RECIPIENT, REFUND, None, None),
        (RECIPIENT, RELEASE, None, RefusalCode.NOT_YOUR_ROLE),
        (TRAVELER, RELEASE, None, None),
    ],
)
def test_what_is_asked_for_must_be_one_s_own_to_ask(
    actor: Actor,
    desired: VerdictOutcome | None,
    refund_minor: int | None,
    refusal: RefusalCode | None,
) -> None:
    command = OpenDispute(actor, DISPUTE, DisputeReason.DAMAGED, desired, refund_minor)
    assert refusal_of(check_desired, ORDER, command, PRICE) is refusal


def test_a_dispute_begun_again_has_other_versions_and_goes_to_an_agent() -> None:
    again = begun_again(Ladder(DisputeStage.NEGOTIATION, version=4))
    assert again.stage is DisputeStage.AGENT
    assert again.version > 2_000


def test_each_side_makes_a_bounded_number_of_proposals() -> None:
    many = tuple(replace(OPEN, proposal_id=str(number)) for number in range(10))
    case = case_at(DisputeStage.NEGOTIATION, proposals=many)
    theirs, mine = MakeProposal(TRAVELER, "new", REFUND), MakeProposal(CUSTOMER, "new", REFUND)
    assert refusal_of(check_propose, case, theirs) is RefusalCode.PROPOSALS_REACHED
    assert refusal_of(check_propose, case, mine) is None


@pytest.mark.parametrize("status", ProposalStatus)
def test_only_an_open_proposal_is_accepted(status: ProposalStatus) -> None:
    case = case_at(DisputeStage.NEGOTIATION, proposals=(replace(OPEN, status=status),))
    expected = None if status is ProposalStatus.OPEN else RefusalCode.PROPOSAL_CLOSED
    command = CloseProposal(CUSTOMER, OPEN.proposal_id)
    assert refusal_of(check_accept_proposal, case, command) is expected
    unknown = CloseProposal(CUSTOMER, "another")
    assert refusal_of(check_accept_proposal, case, unknown) is RefusalCode.PROPOSAL_UNKNOWN


def test_an_agent_cannot_stop_the_clock_for_ever() -> None:
    case = case_at(DisputeStage.AGENT, agent_id=AGENT.person_id, questions=5)
    assert next_steps(case, AGENT) == ["take_over", "decide"]


def test_a_new_proposal_replaces_the_open_one_of_its_side_alone() -> None:
    mine = replace(OPEN, proposal_id="mine", by=Side.CUSTOMER)
    ladder = Ladder(DisputeStage.NEGOTIATION, proposals=(OPEN, mine))
    after = ladder.with_proposal(replace(mine, proposal_id="better"))
    statuses = {each.proposal_id: each.status for each in after.proposals}
    assert statuses == {
        "theirs": ProposalStatus.OPEN,
        "mine": ProposalStatus.SUPERSEDED,
        "better": ProposalStatus.OPEN,
    }


def test_another_version_than_the_one_that_was_seen_is_refused() -> None:
    case = case_at(DisputeStage.AGENT, version=3)
    assert refusal_of(require_version, case, 2) is RefusalCode.DISPUTE_CHANGED
    for version in (3, None):
        assert refusal_of(require_version, case, version) is None


@pytest.mark.parametrize("kind", DeadlineKind)
def test_every_clock_of_a_dispute_has_somebody_to_remind(kind: DeadlineKind) -> None:
    owners = owners_of(case_at(DisputeStage.NEGOTIATION), kind)
    both = RULES[kind].owner is Owner.SIDES
    assert owners == (("customer", "traveler") if both else (RULES[kind].owner,))


def test_reminders_come_a_day_and_some_hours_before_the_end() -> None:
    due_at, left_s = NOW + timedelta(days=2), DisputePolicy().reminders_s
    assert next_reminder(left_s, NOW, due_at, 0) == due_at - timedelta(days=1)
    assert next_reminder(left_s, NOW, due_at, 1) == due_at - timedelta(hours=4)
    assert next_reminder(left_s, NOW, due_at, 2) is None


@given(st.integers(0, 10**6), st.integers(0, 5))
def test_no_reminder_lies_before_its_clock_or_behind_its_end(seconds: int, sent: int) -> None:
    armed_at = datetime(2026, 5, 1, tzinfo=UTC)
    due_at = armed_at + timedelta(seconds=seconds)
    moment = next_reminder(DisputePolicy().reminders_s, armed_at, due_at, sent)
    assert moment is None or armed_at < moment < due_at


@given(payments, st.integers(0, 100))
def test_the_money_of_a_verdict_is_shared_out_without_a_rest(held: Money, percent: int) -> None:
    refund = Money(held.amount_minor * percent // 100, held.currency)
    money = verdict_money(FeePolicy(), refund, held - refund)
    assert money.refund + money.traveler + money.fee == held
    shared = verdict_money(FeePolicy(), refund, held - refund, share_points=4_000)
    assert shared.giver is not None
    assert shared.traveler + shared.giver == money.traveler


def test_no_role_but_an_agent_s_acts_as_one() -> None:
    judge = replace(TRAVELER, role=Role.AGENT)
    assert next_steps(case_at(DisputeStage.AGENT), judge) == ["propose"]
