"""Failed handovers: another try, a parcel that was left, and the way back with its money."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from domain.amending import CorrectDeadline
from domain.contracts import CodePurpose
from domain.deadlines import DeadlineKind
from domain.holds.rules import HoldDelivery, ResumeDelivery
from domain.journey.terms import HandoverObstacle, JourneyPolicy, UndeliverableAction
from domain.policies import Policies, VerdictOutcome
from domain.status import DeliveryStatus, EscrowStatus
from tests.workflows.conftest import Stage
from tests.workflows.play import Play, refusal_of
from tests.workflows.undelivered import carried, fail, leave

A = UndeliverableAction


async def test_another_try_succeeds(play: Play) -> None:
    await carried(play, A.RETRY)
    await play.arrive()
    await play.reach(DeliveryStatus.ARRIVED)
    standing = await fail(play)
    assert (standing.status, standing.deadline_kind) == (
        DeliveryStatus.ARRIVED,
        DeadlineKind.REDELIVERY,
    )
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_after_three_failures_or_a_day_the_parcel_goes_back(stage: Stage) -> None:
    often, late = await stage(), await stage()
    await carried(often, A.RETRY)
    await fail(often)
    await fail(often)
    assert (await fail(often)).status == DeliveryStatus.RETURNING
    await carried(late, A.RETRY)
    await fail(late)
    await late.pass_time(timedelta(days=1, seconds=1))
    await late.happened("return_started")


async def test_a_returned_parcel_pays_for_the_ways_and_refunds_the_rest(play: Play) -> None:
    await carried(play, A.RETURN)
    assert (await fail(play)).deadline_kind == DeadlineKind.RETURN
    assert await refusal_of(play.scan(CodePurpose.HANDOVER)) == "wrong_state"
    standing = await play.scan(CodePurpose.RETURN)
    assert standing.deadline_kind == DeadlineKind.RETURN_INSPECTION
    await play.pass_time(timedelta(days=2, seconds=1))
    assert await play.closed() is DeliveryStatus.SETTLED
    assert (await play.events())[5:] == [
        "return_started",
        "returned",
        "return_settled",
        "share_refunded",
        "released",
        "paid_out",
    ]
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 0
    assert (await play.standing())["escrow"] == EscrowStatus.SPLIT


async def test_a_damaged_parcel_comes_back_and_the_customer_pays_nothing(play: Play) -> None:
    await carried(play, A.RETRY)
    await fail(play, HandoverObstacle.PARCEL_DAMAGED)
    await play.scan(CodePurpose.RETURN)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.REFUNDED
    assert "released" not in await play.events()


async def test_a_policy_may_pay_the_ways_in_full(stage: Stage) -> None:
    policies = Policies(journey=replace(JourneyPolicy(), return_share_points=10_000))
    play = await stage(policies)
    await carried(play, A.RETURN)
    await fail(play)
    await play.scan(CodePurpose.RETURN)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.SETTLED
    assert "share_refunded" not in await play.events()


async def test_a_returned_parcel_can_be_disputed(play: Play) -> None:
    await carried(play, A.RETURN)
    await fail(play)
    await play.scan(CodePurpose.RETURN)
    await play.dispute()
    await play.decide(VerdictOutcome.REFUND)
    assert await play.closed() is DeliveryStatus.REFUNDED


async def test_a_parcel_that_does_not_come_back_goes_to_an_agent(play: Play) -> None:
    await carried(play, A.RETURN)
    await fail(play)
    await play.pass_time(timedelta(days=7, seconds=1))
    await play.happened("dispute_opened")
    await play.pass_dispute_time(timedelta(days=14, seconds=5))
    assert await play.closed() is DeliveryStatus.REFUNDED


async def test_a_parcel_left_as_allowed_is_paid_after_the_window(play: Play) -> None:
    await carried(play, A.NEIGHBOUR)
    assert await refusal_of(leave(play, A.NEIGHBOUR)) == "leaving_not_allowed"
    assert (await fail(play)).deadline_kind == DeadlineKind.LEAVING
    assert await refusal_of(leave(play, A.SAFE_PLACE)) == "leaving_not_allowed"
    code = await play.shown(CodePurpose.HANDOVER)
    standing = await leave(play, A.NEIGHBOUR)
    assert await refusal_of(play.scan(CodePurpose.HANDOVER, code)) == "wrong_state"
    assert (standing.status, standing.deadline_kind) == (
        DeliveryStatus.DELIVERED,
        DeadlineKind.INSPECTION,
    )
    await play.pass_time(timedelta(days=2, seconds=1))
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_parcel_that_was_left_is_no_proven_handover(play: Play) -> None:
    await carried(play, A.SAFE_PLACE)
    await fail(play)
    await leave(play, A.SAFE_PLACE)
    await play.dispute()
    await play.pass_dispute_time(timedelta(days=14, seconds=5))
    assert await play.closed() is DeliveryStatus.REFUNDED


async def test_an_agent_decides_where_the_customer_was_never_asked(play: Play) -> None:
    await carried(play, None)
    assert (await fail(play)).status == DeliveryStatus.DISPUTED
    await play.decide(VerdictOutcome.SPLIT, 2_100)
    assert await play.closed() is DeliveryStatus.SETTLED


async def test_staff_give_a_return_more_time(play: Play) -> None:
    await carried(play, A.RETURN)
    await fail(play)
    later = datetime.now(UTC) + timedelta(days=12)
    await play.send("correct_deadline", CorrectDeadline(later, "The train does not run."))
    await play.pass_time(timedelta(days=8))
    assert "dispute_opened" not in await play.events()
    await play.pass_time(timedelta(days=4, minutes=5))
    await play.happened("dispute_opened")


async def test_stopping_a_return_hands_it_to_an_agent(play: Play) -> None:
    await carried(play, A.RETURN)
    await fail(play)
    await play.handle.cancel()
    await play.happened("dispute_opened")
    await play.decide(VerdictOutcome.REFUND)
    assert await play.closed() is DeliveryStatus.REFUNDED


async def test_a_parcel_comes_back_also_while_its_delivery_is_on_hold(play: Play) -> None:
    await carried(play, A.RETURN)
    await fail(play)
    await play.send("hold", HoldDelivery("The sender asks who has the parcel."))
    assert await refusal_of(play.confirm()) == "on_hold"
    standing = await play.scan(CodePurpose.RETURN)
    assert standing.status == DeliveryStatus.RETURNED
    await play.send("resume", ResumeDelivery())
    await play.confirm()
    assert await play.closed() is DeliveryStatus.SETTLED
