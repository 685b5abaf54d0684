"""Cancelling the workflow from outside at every place where it waits.

A stop is a request: before pickup the money goes back, with the parcel on its way an agent looks
into it, and once the money is being settled it is too late.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from domain.contracts import CodePurpose
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from tests.workflows.play import Play

HANGING = "hang_after_success_1"


async def requested(play: Play) -> None:
    await play.open()
    await play.submit()


async def charging(play: Play) -> None:
    await requested(play)
    await play.accept(f"pm_sandbox_{HANGING}")


async def payment_due(play: Play) -> None:
    await requested(play)
    await play.accept("pm_sandbox_declined")
    await play.reach(DeliveryStatus.PAYMENT_DUE)


async def unsettled(play: Play) -> None:
    await requested(play)
    await play.accept("pm_sandbox_pending")
    await play.reach(DeliveryStatus.PAYMENT_DUE)


async def awaiting_pickup(play: Play) -> None:
    await play.held()


async def refunding(play: Play) -> None:
    await play.held(method=f"pm_sandbox_ok_refund_{HANGING}")
    await play.cancel()


async def in_transit(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)


async def arrived(play: Play) -> None:
    await in_transit(play)
    await play.arrive()
    await play.reach(DeliveryStatus.ARRIVED)


async def delivered(play: Play) -> None:
    await play.delivered()


async def disputed(play: Play) -> None:
    await play.delivered()
    await play.dispute()


async def releasing(play: Play) -> None:
    await play.delivered(account=f"acct_sandbox_t_{HANGING}")
    await play.confirm()


async def paying_out(play: Play) -> None:
    await play.delivered(account=f"acct_sandbox_t_payout_{HANGING}")
    await play.confirm()
    await play.reach(DeliveryStatus.PAYING_OUT)


Situation = Callable[[Play], Awaitable[None]]

BEFORE_PICKUP: list[Situation] = [
    requested, charging, payment_due, unsettled, awaiting_pickup, refunding,
]  # fmt: skip
ON_ITS_WAY: list[Situation] = [in_transit, arrived, delivered, disputed]
SETTLING: list[Situation] = [releasing, paying_out]


@pytest.mark.parametrize("situation", BEFORE_PICKUP)
async def test_a_stop_before_pickup_cancels_and_gives_the_money_back(
    play: Play, situation: Situation
) -> None:
    await situation(play)
    await play.handle.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED


@pytest.mark.parametrize("situation", ON_ITS_WAY)
async def test_a_stop_after_pickup_leaves_the_money_to_an_agent(
    play: Play, situation: Situation
) -> None:
    await situation(play)
    await play.handle.cancel()
    await play.reach(DeliveryStatus.DISPUTED)
    await play.decide(VerdictOutcome.SPLIT, 2_000)
    assert await play.closed() is DeliveryStatus.SETTLED


@pytest.mark.parametrize("situation", SETTLING)
async def test_a_stop_while_the_money_is_settled_comes_too_late(
    play: Play, situation: Situation
) -> None:
    await situation(play)
    await play.handle.cancel()
    assert await play.closed() is DeliveryStatus.COMPLETED


async def test_a_second_stop_changes_nothing(play: Play) -> None:
    await in_transit(play)
    await play.handle.cancel()
    await play.reach(DeliveryStatus.DISPUTED)
    await play.handle.cancel()
    dispute = await play.dispute_handle()
    await play.pass_time(timedelta(days=1), dispute)
    await play.decide(VerdictOutcome.REFUND)
    assert await play.closed() is DeliveryStatus.REFUNDED
