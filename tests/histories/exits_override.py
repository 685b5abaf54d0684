"""The ways in which an emergency override can end, and a delivery that one has moved on."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any

from temporalio.client import WorkflowHandle

from domain.contracts import CodePurpose
from domain.status import DeliveryStatus
from domain.visibility import TaskQueue
from infra.identifiers import new_id
from infra.payments.sandbox import SandboxProvider
from tests.conftest import people_in
from tests.histories.exits import Exit
from tests.workflows.overriding import Overriding, overriding
from tests.workflows.play import Play
from workflows.override_report import OverrideReportWorkflow

Handle = WorkflowHandle[Any, Any]


async def _asked(play: Play, step: CodePurpose = CodePurpose.HANDOVER) -> Overriding:
    over = await overriding(play, people_in(play.engine), step)
    await over.ask()
    return over


async def overridden(play: Play, provider: SandboxProvider) -> None:
    """Picked up and handed over without a code, then left for the customer to confirm."""
    await play.held()
    await (await _asked(play, CodePurpose.PICKUP)).decide("approve")
    await (await _asked(play)).decide("approve")
    await play.pass_time(timedelta(days=5, minutes=1))


async def applied(play: Play) -> Handle:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    over = await _asked(play)
    await over.decide("approve")
    await over.handle.result()
    return over.handle


async def failed(play: Play) -> Handle:
    """Approved after the code was scanned all the same."""
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    over = await _asked(play)
    await play.scan(CodePurpose.HANDOVER)
    await over.decide("approve")
    await over.handle.result()
    return over.handle


async def expired(play: Play) -> Handle:
    await play.held()
    over = await _asked(play, CodePurpose.PICKUP)
    await play.pass_time(timedelta(minutes=31), over.handle)
    await over.handle.result()
    return over.handle


async def refused(play: Play) -> Handle:
    await play.held()
    over = await _asked(play, CodePurpose.PICKUP)
    await over.decide("refuse")
    await over.handle.result()
    return over.handle


async def withdrawn(play: Play) -> Handle:
    await play.held()
    over = await _asked(play, CodePurpose.PICKUP)
    await over.decide("withdraw", over.order.asked_by)
    await over.handle.result()
    return over.handle


async def reported(play: Play) -> Handle:
    handle = await play.environment.client.start_workflow(
        OverrideReportWorkflow.run, id=f"override-report-{new_id()}", task_queue=TaskQueue.SAGAS
    )
    await handle.result()
    return handle


OVERRIDDEN_EXITS: Mapping[str, Exit] = {
    "overridden": Exit(overridden, DeliveryStatus.COMPLETED),
}
"""By the name of the history that is kept of it."""
OVERRIDE_EXITS: Mapping[str, Callable[[Play], Awaitable[Handle]]] = {
    "override-applied": applied,
    "override-failed": failed,
    "override-expired": expired,
    "override-refused": refused,
    "override-withdrawn": withdrawn,
    "override-report-made": reported,
}
"""The same of the workflows of overrides."""
