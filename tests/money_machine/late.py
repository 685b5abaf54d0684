"""What goes on beside a delivery or after its close: its chargebacks and corrections."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from temporalio.client import WorkflowHandle

from domain.correcting.rules import CorrectionKind
from domain.ids import (
    chargeback_workflow_id,
    correction_workflow_id,
    undone_workflow_id,
)
from tests.money_machine.glance import Glance, OpenChargeback, OpenCorrection
from tests.workflows.correcting import Correcting

if TYPE_CHECKING:
    from tests.money_machine.scene import Scene

Handle = WorkflowHandle[Any, Any]


def handles(scene: Scene, seen: Glance) -> list[Handle]:
    """Return the workflows that are at work beside the delivery's own."""
    found = [of_chargeback(scene, each) for each in seen.chargebacks]
    return found + [of_correction(scene, each) for each in seen.corrections]


def undoing(scene: Scene) -> list[Handle]:
    """Return the workflows that book refunds back, also before they have written anything."""
    client = scene.installation.server.client
    return [
        client.get_workflow_handle(undone_workflow_id(refund["metadata"]["op_id"]))
        for refund in scene.moved().refunds
        if refund["status"] in ("failed", "canceled") and "op_id" in refund["metadata"]
    ]


def of_chargeback(scene: Scene, chargeback: OpenChargeback) -> Handle:
    workflow_id = chargeback_workflow_id(chargeback.chargeback_id)
    return scene.installation.server.client.get_workflow_handle(workflow_id)


def of_correction(scene: Scene, correction: OpenCorrection) -> Handle:
    """Return the workflow of a correction: what came undone has one named after its operation."""
    workflow_id = correction_workflow_id(correction.correction_id)
    if correction.undone_operation_id is not None:
        workflow_id = undone_workflow_id(correction.undone_operation_id)
    return scene.installation.server.client.get_workflow_handle(workflow_id)


async def correct(scene: Scene, kind: CorrectionKind, amount_minor: int, **more: Any) -> None:
    """Have somebody order a correction; being refused is an answer."""
    if (await scene.play.standing())["traveler_id"] is None:
        return
    after = Correcting(scene.play, scene.play.order.policies)
    order = await after.order(kind, amount_minor, **more)
    await scene.attempt(after.start(order))
