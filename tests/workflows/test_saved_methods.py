"""A payment that is far ahead: the method is saved now and charged before the trip."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from domain.contracts import CodePurpose
from domain.leaving.contracts import WithdrawTraveler
from domain.policies import Policies
from domain.status import DeliveryStatus, EscrowStatus
from infra.payments.sandbox import SandboxProvider
from tests.workflows.conftest import Stage
from tests.workflows.play import Play
from tests.workflows.test_horizons import due_in, escrow_of, operation

FAR = timedelta(days=100)


@pytest.fixture
async def far(stage: Stage) -> Play:
    """A delivery that is due in a season."""
    return due_in(await stage(), FAR)


async def scheduled(play: Play, method: str = "pm_sandbox_ok") -> None:
    await play.open()
    await play.submit()
    await play.accept(method)
    await play.reach(DeliveryStatus.SCHEDULED)


async def is_forgotten(play: Play, attempt: int = 1) -> bool:
    """Tell whether the provider has forgotten what it saved."""
    query = text("SELECT status FROM sandbox_charge WHERE operation_id = :operation_id")
    row = await play.read(query.bindparams(operation_id=operation(play, "save", attempt)))
    return bool(row[0][0] == "canceled")


async def test_a_far_delivery_is_charged_near_its_departure(far: Play) -> None:
    await scheduled(far)
    assert await escrow_of(far) == ("saved", 0, 0)
    standing = await far.standing()
    assert standing["deadline_kind"] == "charge"
    assert standing["deadline_at"] == far.order.deliver_by - timedelta(days=30)  # type: ignore[operator]
    await far.pass_time(timedelta(days=70, seconds=5))
    await far.reach(DeliveryStatus.AWAITING_PICKUP)
    assert await escrow_of(far) == ("held", 4_200, 0)
    await far.scan(CodePurpose.PICKUP)
    await far.scan(CodePurpose.HANDOVER)
    assert not await is_forgotten(far)
    await far.confirm()
    assert await far.closed() is DeliveryStatus.COMPLETED
    assert await is_forgotten(far)
    assert (await far.events())[-2:] == ["method_forgetting", "method_forgotten"]


async def test_a_saved_method_that_asks_again_waits_for_its_customer(
    far: Play, provider: SandboxProvider
) -> None:
    await scheduled(far, "pm_sandbox_asks_again")
    await far.pass_time(timedelta(days=70, seconds=5))
    await far.reach(DeliveryStatus.PAYMENT_DUE)
    assert (await far.standing())["deadline_kind"] == "payment"
    await provider.approve(operation(far, "charge", 2))
    await far.news()
    await far.reach(DeliveryStatus.AWAITING_PICKUP)
    assert await escrow_of(far) == ("held", 4_200, 0)


async def test_a_saved_method_that_is_declined_later_is_replaced(far: Play) -> None:
    await scheduled(far, "pm_sandbox_declines_later")
    await far.pass_time(timedelta(days=70, seconds=5))
    await far.reach(DeliveryStatus.PAYMENT_DUE)
    await far.give_method("pm_sandbox_ok")
    await far.reach(DeliveryStatus.AWAITING_PICKUP)
    assert await escrow_of(far) == ("held", 4_200, 0)


async def test_a_saved_method_that_nobody_replaces_ends_the_delivery(far: Play) -> None:
    await scheduled(far, "pm_sandbox_declines_later")
    await far.pass_time(timedelta(days=70, seconds=5))
    await far.reach(DeliveryStatus.PAYMENT_DUE)
    await far.pass_time(timedelta(days=1, seconds=5))
    assert await far.closed() is DeliveryStatus.CANCELLED
    assert await escrow_of(far) == ("none", 0, 0)


async def test_a_method_that_cannot_be_saved_is_replaced(far: Play) -> None:
    await far.open()
    await far.submit()
    await far.accept("pm_sandbox_declined")
    await far.reach(DeliveryStatus.PAYMENT_DUE)
    await far.give_method("pm_sandbox_ok")
    await far.reach(DeliveryStatus.SCHEDULED)
    assert await escrow_of(far) == ("saved", 0, 0)


async def test_saving_a_method_may_ask_its_customer(far: Play, provider: SandboxProvider) -> None:
    await far.open()
    await far.submit()
    await far.accept("pm_sandbox_requires_action")
    await far.reach(DeliveryStatus.PAYMENT_DUE)
    await provider.approve(operation(far, "save"))
    await far.news()
    await far.reach(DeliveryStatus.SCHEDULED)


async def test_cancelling_before_the_charge_costs_nothing(far: Play) -> None:
    await scheduled(far)
    await far.cancel()
    assert await far.closed() is DeliveryStatus.CANCELLED
    assert await escrow_of(far) == ("none", 0, 0)
    assert "charge_started" not in await far.events()
    assert await is_forgotten(far)


async def test_what_was_saved_is_forgotten_although_its_traveler_has_left(far: Play) -> None:
    await scheduled(far)
    await far.send("withdraw", WithdrawTraveler(far.traveler))
    await far.reach(DeliveryStatus.REQUESTED)
    await far.cancel()
    assert await far.closed() is DeliveryStatus.CANCELLED
    assert await is_forgotten(far)


@pytest.mark.parametrize("method", ["pm_sandbox_refused", "pm_sandbox_unavailable_9999"])
async def test_a_provider_that_saves_nothing_leads_to_another_method(
    stage: Stage, method: str
) -> None:
    quick: Any = replace(Policies().retries, tries_max=2)
    play = due_in(await stage(replace(Policies(), retries=quick)), FAR)
    await play.open()
    await play.submit()
    await play.accept(method)
    await play.reach(DeliveryStatus.PAYMENT_DUE)
    assert (await play.standing())["escrow"] in (EscrowStatus.NONE, EscrowStatus.HOLDING)
    await play.happened("payment_voided")
    await play.give_method("pm_sandbox_ok")
    await play.reach(DeliveryStatus.SCHEDULED)
