"""The held payment: declines, unsettled charges, unknown outcomes and refunds."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from activities.payment_ports import Operation
from domain.contracts import CodePurpose
from domain.policies import Policies
from domain.status import DeliveryStatus, EscrowStatus
from domain.transitions import OperationKind
from infra.database.schema import ledger_transaction
from infra.payments.sandbox import SandboxProvider
from tests.workflows.conftest import Stage
from tests.workflows.play import Play, refusal_of
from workflows.delivery import DeliveryWorkflow


async def agreed(play: Play, method: str) -> None:
    await play.open()
    await play.submit()
    await play.accept(method)


async def booked(play: Play) -> list[str]:
    rows = await play.read(
        select(ledger_transaction.c.kind)
        .where(ledger_transaction.c.delivery_id == play.order.delivery_id)
        .order_by(ledger_transaction.c.created_at)
    )
    return [row[0] for row in rows]


async def test_a_decline_keeps_the_delivery_open_to_another_method(play: Play) -> None:
    await agreed(play, "pm_sandbox_declined_insufficient_funds")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    assert (await play.standing())["deadline_kind"] == "payment"
    await play.give_method("pm_sandbox_ok")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    assert await booked(play) == ["charge"]


async def test_a_decline_that_nobody_answers_cancels(play: Play) -> None:
    await agreed(play, "pm_sandbox_declined")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.pass_time(timedelta(days=1, seconds=1))
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert await booked(play) == []


async def test_a_second_decline_does_not_start_the_deadline_anew(play: Play) -> None:
    await agreed(play, "pm_sandbox_declined")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    due_at = (await play.standing())["deadline_at"]
    await play.give_method("pm_sandbox_declined_expired_card")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    assert (await play.standing())["deadline_at"] == due_at
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


async def test_a_charge_that_settles_later_is_found_when_it_is_read_again(
    play: Play, provider: SandboxProvider
) -> None:
    await agreed(play, "pm_sandbox_requires_action")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    assert (await play.standing())["escrow"] == EscrowStatus.HOLDING
    await provider.approve(f"{play.order.delivery_id}:charge:1")
    await play.pass_time(timedelta(minutes=2))
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    assert await booked(play) == ["charge"]


async def test_news_from_the_provider_has_the_charge_read_at_once(
    play: Play, provider: SandboxProvider
) -> None:
    await agreed(play, "pm_sandbox_pending")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await provider.settle(f"{play.order.delivery_id}:charge:1")
    await play.handle.signal(DeliveryWorkflow.payment_news)
    await play.reach(DeliveryStatus.AWAITING_PICKUP)


async def test_an_unsettled_charge_is_voided_before_another_method_is_charged(
    play: Play, provider: SandboxProvider
) -> None:
    await agreed(play, "pm_sandbox_requires_action")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.give_method("pm_sandbox_ok")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    first = await provider.find(
        Operation(OperationKind.CHARGE, f"{play.order.delivery_id}:charge:1")
    )
    assert first is not None
    assert first.outcome == "declined"
    assert await booked(play) == ["charge"]


async def test_an_unsettled_charge_is_voided_when_the_deadline_passes(stage: Stage) -> None:
    policies = Policies()
    play = await stage(replace(policies, windows=replace(policies.windows, payment_s=300)))
    await agreed(play, "pm_sandbox_pending")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    await play.pass_time(timedelta(seconds=301))
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert "payment_voided" in await play.events()
    assert await booked(play) == []


async def test_a_charge_of_unknown_outcome_is_looked_up_and_held_once(play: Play) -> None:
    await agreed(play, "pm_sandbox_timeout_after_success")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    assert await booked(play) == ["charge"]


async def test_a_refused_charge_is_compensated_and_another_method_wanted(play: Play) -> None:
    await agreed(play, "pm_sandbox_refused")
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    events = await play.events()
    assert events[-2:] == ["payment_void_started", "payment_voided"]
    await play.give_method("pm_sandbox_ok")
    await play.reach(DeliveryStatus.AWAITING_PICKUP)


@pytest.mark.parametrize("by_traveler", [False, True])
async def test_cancelling_before_pickup_refunds_in_full(play: Play, by_traveler: bool) -> None:
    await play.held()
    await play.cancel(play.traveler if by_traveler else play.customer)
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert await booked(play) == ["charge", "refund"]
    assert (await play.standing())["escrow"] == EscrowStatus.REFUNDED


async def test_cancelling_while_the_charge_is_under_way_refunds_it(play: Play) -> None:
    await agreed(play, "pm_sandbox_hang_after_success_1")
    standing = await play.cancel()
    assert standing.status == DeliveryStatus.ACCEPTED
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert await booked(play) == ["charge", "refund"]


async def test_a_parcel_that_nobody_collects_is_cancelled_and_refunded(play: Play) -> None:
    await play.held()
    await play.pass_time(timedelta(days=3, seconds=1))
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert await booked(play) == ["charge", "refund"]


async def test_after_pickup_it_is_too_late_to_cancel(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    assert await refusal_of(play.cancel()) == "cancel_too_late"
