"""A traveler leaves before the pickup: everything goes back, and somebody else may carry the parcel."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.contracts import Actor, AttentionAction, CodePurpose, ResolveAttention, Standing
from domain.leaving.contracts import WithdrawTraveler
from domain.status import DeliveryStatus, EscrowStatus
from infra.database.schema import payment_operation, strike
from tests.workflows.charging_back import ChargingBack
from tests.workflows.play import Play, refusal_of
from tests.workflows.test_cancellation import left

REQUESTED = DeliveryStatus.REQUESTED


async def withdraw(play: Play, by: Actor | None = None) -> Standing:
    return await play.send("withdraw", WithdrawTraveler(by or play.traveler))


async def strikes(play: Play) -> Counter[tuple[str, str]]:
    rows = await play.read(
        select(strike.c.person_id, strike.c.reason).where(
            strike.c.delivery_id == play.order.delivery_id
        )
    )
    return Counter((person_id, reason) for person_id, reason in rows)


async def carried_by_rival(play: Play) -> None:
    """Have another traveler take the delivery over and bring it to its end."""
    await play.submit(play.rival)
    await play.accept(of=play.rival)
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    play.traveler, play.rival = play.rival, play.traveler
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED


@pytest.mark.parametrize("days", [None, 4], ids=["captured", "reserved"])
async def test_after_a_withdrawal_somebody_else_carries_the_parcel(
    play: Play, days: int | None
) -> None:
    if days is not None:
        play.order = replace(play.order, deliver_by=datetime.now(UTC) + timedelta(days=days))
    await play.held()
    await withdraw(play)
    await play.happened("reopened")
    await play.reach(REQUESTED)
    standing = await play.standing()
    assert (standing["traveler_id"], standing["price_minor"]) == (None, None)
    assert (standing["escrow"], standing["deadline_kind"]) == (EscrowStatus.NONE, "request")
    assert set((await left(play)).values()) <= {0}
    first = play.traveler
    assert await strikes(play) == {(str(first.person_id), "withdrew"): 1}
    assert await refusal_of(play.submit(first)) == "offer_closed"
    await carried_by_rival(play)
    operations = await play.read(
        select(payment_operation.c.operation_id).where(
            payment_operation.c.delivery_id == play.order.delivery_id,
            payment_operation.c.state == "succeeded",
        )
    )
    names = sorted(name.partition(":")[2] for (name,) in operations)
    assert "charge:1" in names or "authorise:1" in names
    assert "transfer:2" in names


async def test_what_the_customer_does_not_want_opened_again_is_cancelled(play: Play) -> None:
    play.order = replace(play.order, reopens=False)
    await play.held()
    await withdraw(play)
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert (await play.events())[-2:] == ["refund_started", "refunded"]
    assert sum((await strikes(play)).values()) == 1


async def test_a_request_whose_time_has_run_out_is_not_opened_again(play: Play) -> None:
    play.order = replace(play.order, request_expires_at=datetime.now(UTC) + timedelta(hours=1))
    await play.held()
    await play.pass_time(timedelta(hours=2))
    await withdraw(play)
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_who_leaves_while_the_payment_is_made_leaves_it_undone(play: Play) -> None:
    await play.open()
    await play.submit()
    await play.accept("pm_sandbox_pending")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await withdraw(play)
    await play.reach(REQUESTED)
    assert (await play.events())[-3:] == ["payment_void_started", "payment_voided", "reopened"]
    await carried_by_rival(play)


async def test_who_leaves_before_anything_is_held_leaves_at_once(play: Play) -> None:
    await play.open()
    await play.submit()
    await play.accept("pm_sandbox_declined")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    assert (await withdraw(play)).status == REQUESTED
    assert await refusal_of(withdraw(play)) == "not_your_role"
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_a_refund_that_is_refused_keeps_the_request_closed_until_it_is_done(
    play: Play,
) -> None:
    await play.held("pm_sandbox_ok_refund_refused")
    await withdraw(play)
    await play.parked("refund_funds")
    assert await refusal_of(play.submit(play.rival)) == "needs_attention"
    await play.resolve(ResolveAttention(AttentionAction.DONE_BY_HAND, "re_by_hand", "done there"))
    await play.reach(REQUESTED)


async def test_a_chargeback_of_a_payment_that_went_back_leaves_the_next_one_alone(
    play: Play,
) -> None:
    await play.held()
    await withdraw(play)
    await play.happened("reopened")
    charging_back = ChargingBack(play)
    await charging_back.open(4_200)
    await charging_back.stands(status="open")
    await play.reach(REQUESTED)
    await play.submit(play.rival)
    await play.accept(of=play.rival)
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    await charging_back.decide(won=False)
    assert await charging_back.ended() == "lost"
    assert await play.balance(f"escrow:{play.order.delivery_id}") == 4_200
    play.traveler = play.rival
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    assert await play.closed() is DeliveryStatus.COMPLETED
    totals = await charging_back.totals()
    assert (totals.dues, totals.held, totals.losses) == (0, 0, 4_200)


async def test_a_traveler_who_cancels_ends_the_delivery_and_has_a_strike(play: Play) -> None:
    await play.held()
    await play.cancel(play.traveler)
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert await strikes(play) == {(str(play.traveler.person_id), "withdrew"): 1}
