"""What goes on beside a delivery or after its close: its chargebacks and corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from temporalio.client import WorkflowHandle

from domain.chargebacks import DECIDED
from domain.corrections import OVER, CorrectionKind
from domain.ids import (
    ChargebackId,
    CorrectionId,
    chargeback_workflow_id,
    correction_workflow_id,
    undone_workflow_id,
)
from infra.database.schema import chargeback, correction
from tests.workflows.correcting import Correcting

if TYPE_CHECKING:
    from tests.money_machine.scene import Scene

Handle = WorkflowHandle[Any, Any]


async def chargebacks(scene: Scene) -> list[Any]:
    """Return the chargebacks of the delivery that are not decided."""
    ours = chargeback.c.delivery_id == scene.delivery_id
    open_ones = chargeback.c.status.not_in([str(status) for status in DECIDED])
    return await scene.play.read(select(chargeback).where(ours, open_ones))


async def corrections(scene: Scene) -> list[Any]:
    """Return the corrections of the delivery that are not over."""
    ours = correction.c.delivery_id == scene.delivery_id
    open_ones = correction.c.status.not_in([str(status) for status in OVER])
    return await scene.play.read(select(correction).where(ours, open_ones))


async def handles(scene: Scene) -> list[Handle]:
    """Return the workflows that are at work beside the delivery's own."""
    found = [of_chargeback(scene, row) for row in await chargebacks(scene)]
    return found + [of_correction(scene, row) for row in await corrections(scene)]


def of_chargeback(scene: Scene, row: Any) -> Handle:
    client = scene.installation.server.client
    return client.get_workflow_handle(chargeback_workflow_id(ChargebackId(str(row.chargeback_id))))


def of_correction(scene: Scene, row: Any) -> Handle:
    """Return the workflow of a correction: what came undone has one named after its operation."""
    workflow_id = correction_workflow_id(CorrectionId(str(row.correction_id)))
    if row.undone_operation_id is not None:
        workflow_id = undone_workflow_id(row.undone_operation_id)
    return scene.installation.server.client.get_workflow_handle(workflow_id)


async def correct(scene: Scene, kind: CorrectionKind, amount_minor: int, **more: Any) -> None:
    """Have somebody order a correction; being refused is an answer."""
    if (await scene.play.standing())["traveler_id"] is None:
        return
    after = Correcting(scene.play, scene.play.order.policies)
    order = await after.order(kind, amount_minor, **more)
    await scene.attempt(after.start(order))
