"""The ways a delivery can end that staff have frozen in between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.amending import CorrectDeadline, CorrectParcel
from domain.contracts import CodePurpose
from domain.holds.bulk import BulkAction, BulkOrder, bulk_workflow_id
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from infra.bulk_holds import TemporalDeliveries, start_bulk
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from tests.histories.exits import Exit
from tests.waiting import until
from tests.workflows.holding import hold, resume
from tests.workflows.play import Play


async def held_up(play: Play, provider: SandboxProvider) -> None:
    """Frozen on the way for five days and handed over meanwhile."""
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await hold(play)
    await play.pass_time(timedelta(days=5))
    await play.happened("hold_overdue")
    await play.scan(CodePurpose.HANDOVER)
    await play.happened("clock_stopped")
    await resume(play)
    await play.confirm()


async def held_up_in_dispute(play: Play, provider: SandboxProvider) -> None:
    """Frozen while an agent decides."""
    await play.delivered()
    await play.dispute()
    await play.dispute_handle()
    await hold(play)
    await play.happened("clock_stopped")
    await resume(play)
    await play.happened("clock_resumed")
    await play.decide(VerdictOutcome.SPLIT, 1_000)


async def put_right(play: Play, provider: SandboxProvider) -> None:
    """Given another deadline, weighed again, and carried."""
    await play.held()
    due_at = (await play.standing())["deadline_at"] + timedelta(days=5)
    why = "The customer has told us."
    await play.send("correct_deadline", CorrectDeadline(due_at, why))
    await play.send("correct_parcel", CorrectParcel(2_500, None, why))
    await play.pass_time(timedelta(days=6))
    await play.scan(CodePurpose.PICKUP)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()


async def bulk_hold(play: Play) -> WorkflowHandle[Any, Any]:
    """Freeze the only delivery of a customer by an order for many."""
    await play.open()
    query = f'CustomerId = "{play.order.customer_id}"'
    client = play.environment.client

    async def is_listed() -> bool:
        return bool(await TemporalDeliveries(client).count(query))

    await until(is_listed)
    order = BulkOrder(new_id(), BulkAction.HOLD, query, "The provider looks into it.")
    await start_bulk(client, order)
    handle = client.get_workflow_handle(bulk_workflow_id(order.bulk_id))
    await handle.result()
    await resume(play)
    await play.cancel()
    return handle


HOLD_EXITS: Mapping[str, Exit] = {
    "held-up": Exit(held_up, DeliveryStatus.COMPLETED),
    "put-right": Exit(put_right, DeliveryStatus.COMPLETED),
    "held-up-in-dispute": Exit(held_up_in_dispute, DeliveryStatus.SETTLED),
}
"""By the name of the history that is kept of it."""
