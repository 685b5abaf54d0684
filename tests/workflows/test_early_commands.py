"""Commands that come while money is on the move: they wait for its answer and for its record."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text
from temporalio.client import WorkflowUpdateStage

from domain.contracts import GivePaymentMethod, Standing
from domain.status import DeliveryStatus
from tests.waiting import until
from tests.workflows.play import Play


@asynccontextmanager
async def silent_provider(play: Play) -> AsyncIterator[None]:
    """Let no charge be answered while the block lasts."""
    async with play.engine.begin() as connection:
        await connection.execute(text("LOCK TABLE sandbox_charge IN ACCESS EXCLUSIVE MODE"))
        yield


async def is_charging(play: Play) -> bool:
    description = await play.handle.describe()
    pending = description.raw_description.pending_activities
    return any(activity.activity_type.name == "hold_funds" for activity in pending)


async def test_a_method_that_is_given_before_the_decline_is_known_is_taken(play: Play) -> None:
    await play.open()
    await play.submit()
    async with silent_provider(play):
        await play.accept("pm_sandbox_declined")
        await until(lambda: is_charging(play))
        given = await play.handle.start_update(
            "give_payment_method",
            GivePaymentMethod(play.customer, "pm_sandbox_ok"),
            wait_for_stage=WorkflowUpdateStage.ACCEPTED,
            result_type=Standing,
        )
    assert (await given.result()).status == DeliveryStatus.ACCEPTED
    await play.reach(DeliveryStatus.AWAITING_PICKUP)
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
