"""The ladder of a dispute: every stage, its default, and who may take which step."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from domain.contracts import Actor, CodePurpose, Role
from domain.disputing.ladder import DisputeStage, Side
from domain.disputing.policy import DisputePolicy
from domain.policies import Policies, VerdictOutcome, WindowPolicy
from domain.status import DeliveryStatus
from infra.database.tokens import create_person
from tests.conftest import MakePerson
from tests.keys import ENCRYPTION
from tests.waiting import until
from tests.workflows.conftest import Stage
from tests.workflows.disputing import LADDER, Quarrel
from tests.workflows.play import refusal_of

RELEASE, REFUND, SPLIT = VerdictOutcome.RELEASE, VerdictOutcome.REFUND, VerdictOutcome.SPLIT


@pytest.fixture
async def quarrel(stage: Stage) -> Quarrel:
    """A delivery whose disputes have every stage."""
    return Quarrel(await stage(LADDER))


async def test_what_is_asked_for_and_accepted_settles_the_dispute_at_once(quarrel: Quarrel) -> None:
    play = quarrel.play
    await quarrel.open(desired=SPLIT, refund_minor=1_200)
    assert (await play.standing())["deadline_kind"] == "answer_of_traveler"
    assert await refusal_of(quarrel.answer(play.customer, accepts=True)) == "not_your_role"
    standing = await quarrel.answer(play.traveler, accepts=True)
    assert (standing.stage, standing.status) == (DisputeStage.CLOSED, "decided")
    assert await play.closed() is DeliveryStatus.SETTLED
    row = await quarrel.row()
    assert (row["outcome"], row["refund_minor"], row["release_minor"]) == ("split", 1_200, 3_000)


async def test_a_proposal_of_either_side_settles_the_dispute_when_the_other_accepts(
    quarrel: Quarrel,
) -> None:
    play = quarrel.play
    await quarrel.open()
    await quarrel.answer(play.traveler, accepts=False)
    withdrawn = await quarrel.propose(play.traveler, SPLIT, 500)
    await quarrel.withdraw(play.traveler, withdrawn)
    assert await refusal_of(quarrel.accept(play.customer, withdrawn)) == "proposal_closed"
    replaced = await quarrel.propose(play.customer, SPLIT, 3_000)
    better = await quarrel.propose(play.customer, SPLIT, 2_000)
    assert await refusal_of(quarrel.accept(play.traveler, replaced)) == "proposal_closed"
    assert await refusal_of(quarrel.accept(play.customer, better)) == "not_your_role"
    await quarrel.accept(play.traveler, better)
    assert await play.closed() is DeliveryStatus.SETTLED
    assert (await quarrel.row())["refund_minor"] == 2_000


async def test_an_agent_decides_without_the_side_that_does_not_answer(quarrel: Quarrel) -> None:
    play = quarrel.play
    await quarrel.open(by=play.traveler)
    assert (await play.standing())["deadline_kind"] == "answer_of_customer"
    await quarrel.pass_time(days=2, seconds=5)
    await play.happened("dispute_unanswered")
    row = await quarrel.row()
    assert (row["stage"], row["absent"]) == ("agent", ["customer"])
    assert row["agent_id"] is not None
    await quarrel.decide(RELEASE)
    for side in (play.customer, play.traveler):
        await quarrel.step("waive_appeal", side)
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_sides_that_never_act_come_to_the_default_in_the_end(quarrel: Quarrel) -> None:
    play = quarrel.play
    await quarrel.open()
    await quarrel.answer(play.traveler, accepts=False)
    await quarrel.pass_time(days=3, seconds=5)
    await play.happened("agent_called")
    await quarrel.pass_time(days=5, seconds=5)
    await play.happened("verdict_overdue")
    await quarrel.pass_time(days=9, seconds=5)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert "dispute_reminded" in await play.events()


async def test_a_verdict_is_settled_only_once_it_is_final(quarrel: Quarrel) -> None:
    play = quarrel.play
    await quarrel.open()
    await quarrel.decide(REFUND)
    row = await quarrel.row()
    assert (row["stage"], row["status"], row["outcome"]) == ("appeal", "open", "refund")
    assert (await play.standing())["escrow"] == "held"
    assert await refusal_of(quarrel.decide(RELEASE)) == "dispute_already_decided"
    await quarrel.pass_time(days=3, seconds=5)
    assert await play.closed() is DeliveryStatus.REFUNDED
    assert "verdict_stands" in await play.events()


async def test_an_appeal_is_reviewed_by_another_agent_and_then_final(
    quarrel: Quarrel, make_person: MakePerson
) -> None:
    play = quarrel.play
    second = Actor(Role.AGENT, await make_person("agent"))
    await quarrel.open()
    await quarrel.decide(REFUND)
    await quarrel.step("waive_appeal", play.customer)
    assert await refusal_of(quarrel.appeal(play.customer)) == "wrong_state"
    standing = await quarrel.appeal(play.traveler)
    assert (standing.stage, standing.deadline_kind) == (DisputeStage.REVIEW, "review")
    row = await quarrel.row()
    assert row["first_agent_id"] == play.agent.person_id != row["agent_id"]
    assert await refusal_of(quarrel.decide(RELEASE)) == "not_your_role"
    await quarrel.decide(RELEASE, second)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert (await quarrel.row())["outcome"] == "release"


async def test_an_appeal_that_nobody_reviews_leaves_the_first_verdict(quarrel: Quarrel) -> None:
    await quarrel.open()
    await quarrel.decide(REFUND)
    await quarrel.appeal(quarrel.play.traveler)
    await quarrel.pass_time(days=7, seconds=5)
    assert await quarrel.play.closed() is DeliveryStatus.REFUNDED


async def test_the_clock_of_an_agent_stands_still_while_a_side_is_asked(quarrel: Quarrel) -> None:
    play = quarrel.play
    await quarrel.open()
    await quarrel.step("take_over", play.agent)
    due_at = (await play.standing())["deadline_at"]
    await quarrel.ask(play.agent, Side.TRAVELER)
    asked = await play.standing()
    assert asked["deadline_kind"] == "reply_of_traveler"
    assert await refusal_of(quarrel.step("reply", play.customer)) == "wrong_state"
    await quarrel.pass_time(days=1)
    await quarrel.step("reply", play.traveler)
    resumed = await play.standing()
    assert resumed["deadline_kind"] == "verdict"
    assert (resumed["deadline_at"] - due_at).total_seconds() > 86_000
    await quarrel.ask(play.agent, Side.CUSTOMER)
    await quarrel.pass_time(days=2, seconds=5)
    await play.happened("side_silent")
    assert (await quarrel.row())["absent"] == ["customer"]
    await quarrel.decide(REFUND)
    await quarrel.pass_time(days=3, seconds=5)
    assert await play.closed() is DeliveryStatus.REFUNDED


async def test_only_the_agent_who_is_on_it_asks_and_no_party_acts_as_agent(
    quarrel: Quarrel,
) -> None:
    play = quarrel.play
    await quarrel.open()
    judge = replace(play.customer, role=Role.AGENT)
    assert await refusal_of(quarrel.step("take_over", judge)) == "not_your_role"
    assert await refusal_of(quarrel.ask(play.agent, Side.CUSTOMER)) == "wrong_state"
    await quarrel.step("take_over", play.agent)
    stranger = replace(play.agent, person_id=play.rival.person_id)
    assert await refusal_of(quarrel.ask(stranger, Side.CUSTOMER)) == "not_your_role"


async def test_of_two_who_saw_the_same_version_only_the_first_takes_a_step(
    quarrel: Quarrel,
) -> None:
    play = quarrel.play
    await quarrel.open()
    seen = (await quarrel.row())["version"]
    answers = await asyncio.gather(
        quarrel.decide(REFUND, version=seen),
        quarrel.step("take_over", play.agent, version=seen),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, BaseException) for answer in answers) == 1
    assert await refusal_of(quarrel.decide(RELEASE, version=seen)) in (
        "dispute_changed",
        "dispute_already_decided",
    )


async def test_who_knows_such_disputes_is_assigned_first(stage: Stage) -> None:
    quarrel = Quarrel(await stage(Policies(disputes=DisputePolicy(answer_s=0))))
    expert = await create_person(
        stage.engine, ENCRYPTION, display_name="Eve", roles=("agent",), skills=("damaged",)
    )
    await quarrel.open()
    await quarrel.play.happened("agent_called")

    async def is_assigned() -> bool:
        return bool((await quarrel.row())["agent_id"] == expert)

    await until(is_assigned)


async def test_a_recipient_cannot_give_the_customer_s_money_away(quarrel: Quarrel) -> None:
    play = quarrel.play
    refusal = await refusal_of(quarrel.open(play.recipient, SPLIT, 1))
    assert refusal == "not_your_role"


async def test_a_parcel_that_arrives_after_all_counts_as_handed_over(stage: Stage) -> None:
    quarrel = Quarrel(await stage(replace(LADDER, windows=WindowPolicy(transit_s=1))))
    play = quarrel.play
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.happened("agent_called")
    before = await play.standing()
    await play.scan(CodePurpose.HANDOVER)
    after = await play.standing()
    for unchanged in ("status", "deadline_kind", "deadline_at", "dispute"):
        assert after[unchanged] == before[unchanged]
    assert await refusal_of(play.scan(CodePurpose.HANDOVER)) == "code_already_used"
    await quarrel.pass_time(days=14, seconds=5)
    assert await play.closed() is DeliveryStatus.COMPLETED
    assert "handed_over_late" in await play.events()


async def test_no_other_dispute_takes_a_scan(stage: Stage) -> None:
    quarrel = Quarrel(await stage(LADDER))
    play = quarrel.play
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.handle.cancel()
    await play.happened("agent_called")
    assert await refusal_of(play.scan(CodePurpose.HANDOVER)) == "wrong_state"
