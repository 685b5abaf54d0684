"""Leaving before the pickup: what it costs is kept, shared and paid out; what is free goes back."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from domain.contracts import CancelDelivery, CodePurpose
from domain.policies import standard_policies
from domain.status import DeliveryStatus, EscrowStatus
from infra.database.ledger import balances_of
from infra.database.schema import notification
from infra.payments.sandbox import SandboxProvider
from tests.workflows.conftest import Stage
from tests.workflows.play import Play, refusal_of

LATE = timedelta(days=2, seconds=5)
"""After that, less than a day is left of the three that a pickup has."""


@pytest.fixture
async def dear(stage: Stage) -> Play:
    """A delivery whose cancellation costs something."""
    return await stage(standard_policies())


def reserved(play: Play) -> Play:
    """Bring the handover so near that the payment is only reserved."""
    play.order = replace(play.order, deliver_by=datetime.now(UTC) + timedelta(days=4))
    return play


async def left(play: Play) -> dict[str, int]:
    """Return what the delivery left on each account, on the account's own side."""
    async with play.engine.connect() as connection:
        found = await balances_of(connection, play.order.delivery_id)
    return {str(line.account.kind): line.balance.amount_minor for line in found}


async def told(play: Play, event: str) -> set[str]:
    rows = await play.read(
        select(notification.c.audience).where(
            notification.c.delivery_id == play.order.delivery_id, notification.c.kind == event
        )
    )
    return {row[0] for row in rows}


async def test_a_late_cancellation_pays_the_traveler_and_the_platform(dear: Play) -> None:
    await dear.held()
    await dear.pass_time(LATE)
    assert (await dear.cancel()).status == DeliveryStatus.SETTLING
    assert await dear.closed() is DeliveryStatus.CANCELLED
    assert (await dear.events())[-4:] == [
        "cancellation_started",
        "share_refunded",
        "compensation_released",
        "paid_out",
    ]
    assert (await dear.standing())["escrow"] == EscrowStatus.SPLIT
    found = await left(dear)
    assert (found["escrow"], found["traveler_payable"], found["fee_revenue"]) == (0, 0, 210)
    assert found["provider_cash"] == 210
    # The customer is the sender, too, and is told once.
    assert await told(dear, "cancellation_started") == {"customer", "traveler"}
    assert await told(dear, "compensation_released") == {"traveler"}


async def test_what_is_only_reserved_is_taken_before_a_part_of_it_is_kept(dear: Play) -> None:
    play = reserved(dear)
    await play.held()
    await play.pass_time(LATE)
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert (await play.events())[-6:-3] == [
        "capture_started",
        "payment_captured",
        "cancellation_started",
    ]
    found = await left(play)
    assert (found["escrow"], found["memo_authorised"], found["fee_revenue"]) == (0, 0, 210)
    assert await told(play, "payment_captured") == set()


async def test_nothing_is_owed_when_the_bank_has_let_the_reservation_go(
    dear: Play, provider: SandboxProvider
) -> None:
    play = reserved(dear)
    await play.held()
    await provider.lapse(f"{play.order.delivery_id}:authorise:1")
    await play.pass_time(LATE)
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert (await play.events())[-2:] == ["capture_failed", "cancelled"]
    assert set((await left(play)).values()) == {0}


async def test_in_the_hour_after_the_acceptance_everything_goes_back(dear: Play) -> None:
    await dear.held()
    await dear.cancel()
    assert await dear.closed() is DeliveryStatus.CANCELLED
    assert (await dear.events())[-1] == "refunded"
    assert set((await left(dear)).values()) == {0}


async def test_an_agent_waives_what_it_costs_and_says_why(dear: Play) -> None:
    await dear.held()
    await dear.pass_time(LATE)
    assert await refusal_of(dear.cancel(dear.agent)) == "reason_missing"
    await dear.send("cancel", CancelDelivery(dear.agent, reason="a death in the family"))
    assert await dear.closed() is DeliveryStatus.CANCELLED
    assert (await dear.standing())["escrow"] == EscrowStatus.REFUNDED


async def test_who_agreed_to_less_is_asked_again_and_may_still_hand_the_parcel_over(
    dear: Play,
) -> None:
    await dear.held()
    await dear.pass_time(LATE)
    cheap = CancelDelivery(dear.customer, cost_minor_max=1_049)
    assert await refusal_of(dear.send("cancel", cheap)) == "cancellation_costs_more"
    await dear.scan(CodePurpose.PICKUP)
    assert (await dear.standing())["status"] == DeliveryStatus.IN_TRANSIT
