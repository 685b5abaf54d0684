"""Workflow ids are derived from typed ids and tell the two kinds of workflow apart."""

from __future__ import annotations

from domain.ids import NOTIFIER_WORKFLOW_ID, delivery_workflow_id, dispute_workflow_id
from tests.domain.builders import DELIVERY, DISPUTE


def test_workflow_ids_name_what_they_are_about() -> None:
    assert delivery_workflow_id(DELIVERY) == f"delivery:{DELIVERY}"
    assert dispute_workflow_id(DISPUTE) == f"dispute:{DISPUTE}"
    assert ":" not in NOTIFIER_WORKFLOW_ID, "no id of a delivery or dispute may collide with it"
