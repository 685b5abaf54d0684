"""The payment by horizon: nobody leaves with a parcel whose payment is not held."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import AttentionAction, CodePurpose, ResolveAttention
from domain.policies import HorizonPolicy, Policies
from domain.provider_news import PaymentNews
from domain.status import DeliveryStatus
from infra.payments.sandbox import SandboxProvider
from tests.workflows.conftest import Stage
from tests.workflows.play import Play, refusal_of

NEAR = timedelta(days=4)
EARLY = Policies(horizons=HorizonPolicy(capture_margin_s=6 * 86_400))
"""The sandbox keeps reservations for seven days: under this one they are captured after one."""


def due_in(play: Play, span: timedelta) -> Play:
    play.order = replace(play.order, deliver_by=datetime.now(UTC) + span)
    return play


@pytest.fixture
async def near(stage: Stage) -> Play:
    """A delivery that is due soon."""
    return due_in(await stage(), NEAR)


async def escrow_of(play: Play) -> tuple[str, int, int]:
    """Return where the payment stands, what is held and what is only reserved."""
    held = await play.balance(f"escrow:{play.order.delivery_id}")
    reserved = await play.balance(f"memo_authorised:{play.order.delivery_id}")
    return (await play.standing())["escrow"], held, reserved


def operation(play: Play, kind: str, attempt: int = 1) -> str:
    return f"{play.order.delivery_id}:{kind}:{attempt}"


async def test_what_was_reserved_is_taken_before_the_parcel_leaves(near: Play) -> None:
    await near.held()
    assert await escrow_of(near) == ("authorised", 0, 4_200)
    standing = await near.scan(CodePurpose.PICKUP)
    assert (standing.status, standing.escrow) == ("in_transit", "held")
    assert await escrow_of(near) == ("held", 4_200, 0)
    await near.scan(CodePurpose.HANDOVER)
    await near.confirm()
    assert await near.closed() is DeliveryStatus.COMPLETED
    assert await near.events() == [
        "request_opened",
        "offer_submitted",
        "offer_accepted",
        "payment_authorised",
        "pickup_verified",
        "payment_captured",
        "picked_up",
        "handed_over",
        "release_started",
        "released",
        "paid_out",
    ]


async def test_a_wrong_code_takes_nothing(near: Play) -> None:
    await near.held()
    assert await refusal_of(near.scan(CodePurpose.PICKUP, "wrong" * 8)) == "code_wrong"
    assert await escrow_of(near) == ("authorised", 0, 4_200)


async def test_a_capture_whose_answer_is_lost_is_done_once(
    near: Play, provider: SandboxProvider
) -> None:
    await near.held("pm_sandbox_ok_refund_timeout_after_success")
    standing = await near.scan(CodePurpose.PICKUP)
    assert standing.status == DeliveryStatus.IN_TRANSIT
    assert await escrow_of(near) == ("held", 4_200, 0)


async def test_scanning_again_waits_for_the_same_capture(near: Play) -> None:
    await near.held("pm_sandbox_ok_refund_unavailable_2")
    code = await near.shown(CodePurpose.PICKUP)
    first = asyncio.create_task(near.scan(CodePurpose.PICKUP, code))
    await near.reach(DeliveryStatus.CAPTURING)
    again = await near.scan(CodePurpose.PICKUP, code)
    assert (await first).status == again.status == DeliveryStatus.IN_TRANSIT


async def test_a_dead_reservation_keeps_the_parcel_with_its_sender(
    near: Play, provider: SandboxProvider
) -> None:
    await near.held()
    await provider.lapse(operation(near, "authorise"))
    old_code = await near.shown(CodePurpose.PICKUP)
    assert await refusal_of(near.scan(CodePurpose.PICKUP, old_code)) == "payment_not_captured"
    assert await escrow_of(near) == ("none", 0, 0)
    await near.reach(DeliveryStatus.PAYMENT_DUE)
    await near.give_method("pm_sandbox_ok")
    await near.reach(DeliveryStatus.AWAITING_PICKUP)
    assert await escrow_of(near) == ("held", 4_200, 0)
    assert await refusal_of(near.scan(CodePurpose.PICKUP, old_code)) == "code_wrong"
    await near.scan(CodePurpose.PICKUP)
    await near.scan(CodePurpose.HANDOVER)
    await near.confirm()
    assert await near.closed() is DeliveryStatus.COMPLETED


async def test_a_dead_reservation_that_nobody_replaces_ends_the_delivery(
    near: Play, provider: SandboxProvider
) -> None:
    await near.held()
    await provider.lapse(operation(near, "authorise"))
    assert await refusal_of(near.scan(CodePurpose.PICKUP)) == "payment_not_captured"
    await near.reach(DeliveryStatus.PAYMENT_DUE)
    await near.pass_time(timedelta(days=1, seconds=1))
    assert await near.closed() is DeliveryStatus.CANCELLED
    assert await escrow_of(near) == ("none", 0, 0)


async def test_cancelling_a_reservation_takes_nothing(near: Play) -> None:
    await near.held()
    await near.cancel()
    assert await near.closed() is DeliveryStatus.CANCELLED
    assert await escrow_of(near) == ("voided", 0, 0)
    assert (await near.events())[-2:] == ["lift_started", "authorisation_lifted"]


async def test_a_parcel_that_nobody_collects_costs_nothing(near: Play) -> None:
    await near.held()
    await near.pass_time(timedelta(days=3, seconds=1))
    assert await near.closed() is DeliveryStatus.CANCELLED
    assert await escrow_of(near) == ("voided", 0, 0)


async def test_a_reservation_is_taken_in_time_without_a_pickup(stage: Stage) -> None:
    play = due_in(await stage(EARLY), NEAR)
    await play.held()
    assert await escrow_of(play) == ("authorised", 0, 4_200)
    await play.pass_time(timedelta(days=1, seconds=5))
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    await play.happened("payment_captured")
    assert await escrow_of(play) == ("held", 4_200, 0)
    standing = await play.standing()
    assert standing["deadline_kind"] == "pickup"
    await play.scan(CodePurpose.PICKUP)
    assert "pickup_verified" not in await play.events()


async def test_money_that_was_taken_without_a_pickup_goes_back(stage: Stage) -> None:
    play = due_in(await stage(EARLY), NEAR)
    await play.held()
    await play.pass_time(timedelta(days=1, seconds=5))
    await play.happened("payment_captured")
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert await escrow_of(play) == ("refunded", 0, 0)


async def test_a_reservation_that_died_unseen_asks_for_another_method(
    stage: Stage, provider: SandboxProvider
) -> None:
    play = due_in(await stage(EARLY), NEAR)
    await play.held()
    await provider.lapse(operation(play, "authorise"))
    await play.pass_time(timedelta(days=1, seconds=5))
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.give_method("pm_sandbox_ok")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    assert await escrow_of(play) == ("held", 4_200, 0)


async def test_news_of_a_dead_reservation_reach_the_customer_before_the_pickup(
    near: Play, provider: SandboxProvider
) -> None:
    await near.held()
    reserved = operation(near, "authorise")
    await provider.lapse(reserved)
    await near.news(PaymentNews(reserved, "an object of the provider", is_undone=True))
    await near.reach(DeliveryStatus.PAYMENT_DUE)
    assert (await near.events())[-2:] == ["capture_started", "capture_failed"]


async def test_news_that_come_before_the_answer_they_are_about_are_not_forgotten(
    near: Play,
) -> None:
    await near.open()
    await near.submit()
    await near.accept("pm_sandbox_unavailable_2")
    await near.news(PaymentNews(operation(near, "authorise"), "an object", is_undone=True))
    await near.pass_time(timedelta(seconds=10))
    await near.happened("payment_captured")
    assert (await near.events())[-3:] == [
        "payment_authorised",
        "capture_started",
        "payment_captured",
    ]


async def test_news_of_something_else_leave_a_reservation_alone(near: Play) -> None:
    await near.held()
    await near.news(PaymentNews(operation(near, "charge"), "another object", is_undone=True))
    await near.news(PaymentNews(operation(near, "authorise"), "an event that came late"))
    await near.scan(CodePurpose.PICKUP)
    assert "capture_started" not in await near.events()


async def test_a_capture_that_is_refused_is_parked_and_the_parcel_stays(near: Play) -> None:
    await near.held("pm_sandbox_ok_refund_refused")
    scan = asyncio.create_task(near.scan(CodePurpose.PICKUP))
    await near.parked("capture_funds")
    await near.pass_time(timedelta(seconds=25))
    assert await refusal_of(scan) == "payment_capturing"
    assert (await near.standing())["status"] == DeliveryStatus.CAPTURING
    await near.resolve(ResolveAttention(AttentionAction.DONE_BY_HAND, "ch_by_hand", "seen there"))
    await near.happened("pickup_code_renewed")
    assert await escrow_of(near) == ("held", 4_200, 0)


async def test_who_was_told_to_leave_the_parcel_does_not_get_it_behind_the_back(
    stage: Stage,
) -> None:
    near = due_in(await stage(Policies()), NEAR)
    await near.held("pm_sandbox_ok_refund_unavailable_6")
    old_code = await near.shown(CodePurpose.PICKUP)
    scan = asyncio.create_task(near.scan(CodePurpose.PICKUP, old_code))
    await near.reach(DeliveryStatus.CAPTURING)
    await near.pass_time(timedelta(seconds=21))
    assert await refusal_of(scan) == "payment_capturing"
    await near.pass_time(timedelta(minutes=5))
    await near.happened("pickup_code_renewed")
    standing = await near.standing()
    assert (standing["status"], standing["deadline_kind"]) == ("awaiting_pickup", "pickup")
    assert await refusal_of(near.scan(CodePurpose.PICKUP, old_code)) == "code_wrong"
    assert (await near.scan(CodePurpose.PICKUP)).status == DeliveryStatus.IN_TRANSIT
    assert (await near.events()).count("picked_up") == 1


async def test_what_is_scanned_three_times_at_once_is_collected_once(near: Play) -> None:
    await near.held("pm_sandbox_ok_refund_unavailable_2")
    code = await near.shown(CodePurpose.PICKUP)
    scans = [near.scan(CodePurpose.PICKUP, code) for _ in range(3)]
    standings = await asyncio.gather(*scans)
    assert {standing.status for standing in standings} == {DeliveryStatus.IN_TRANSIT}
    assert (await near.events()).count("picked_up") == 1


async def test_no_other_code_passes_while_the_payment_is_captured(near: Play) -> None:
    await near.held("pm_sandbox_ok_refund_unavailable_4")
    scan = asyncio.create_task(near.scan(CodePurpose.PICKUP))
    await near.reach(DeliveryStatus.CAPTURING)
    handover = asyncio.create_task(near.scan(CodePurpose.HANDOVER, "x" * 43))
    pin = asyncio.create_task(near.scan(CodePurpose.PICKUP, "000000"))
    assert (await scan).status == DeliveryStatus.IN_TRANSIT
    assert await refusal_of(handover) in ("wrong_state", "code_not_ready", "code_wrong")
    assert await refusal_of(pin) == "code_already_used"


async def test_nobody_cancels_while_the_payment_is_captured(near: Play) -> None:
    await near.held("pm_sandbox_ok_refund_unavailable_3")
    scan = asyncio.create_task(near.scan(CodePurpose.PICKUP))
    await near.reach(DeliveryStatus.CAPTURING)
    assert await refusal_of(near.cancel()) in ("wrong_state", "cancel_too_late")
    assert (await scan).status == DeliveryStatus.IN_TRANSIT
