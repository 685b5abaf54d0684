"""Every command that a workflow takes is among those that the stories send."""

from __future__ import annotations

from temporalio import workflow

from tests.workflows.any_order.conftest import PARTS
from tests.workflows.any_order.registry import OF_DELIVERY, OF_DISPUTE
from workflows.delivery import DeliveryWorkflow
from workflows.dispute import DisputeWorkflow


def test_no_command_is_missing() -> None:
    of_delivery = workflow._Definition.must_from_class(DeliveryWorkflow)
    of_dispute = workflow._Definition.must_from_class(DisputeWorkflow)
    assert all(part.__doc__ for part in PARTS)
    assert set(of_delivery.updates) - {"open"} == set(OF_DELIVERY)
    assert set(of_dispute.updates) == set(OF_DISPUTE)
