"""Typed identifiers; each is the text of a UUIDv7 and never carries personal data."""

from __future__ import annotations

from typing import NewType

DeliveryId = NewType("DeliveryId", str)
OfferId = NewType("OfferId", str)
RelayId = NewType("RelayId", str)
DisputeId = NewType("DisputeId", str)
PersonId = NewType("PersonId", str)
DeviceId = NewType("DeviceId", str)
ChargebackId = NewType("ChargebackId", str)
CorrectionId = NewType("CorrectionId", str)

DELIVERY_PREFIX = "delivery:"
DISPUTE_PREFIX = "dispute:"
CHARGEBACK_PREFIX = "chargeback:"
CORRECTION_PREFIX = "correction:"
UNDONE_PREFIX = "undone:"
ROBO_PREFIX = "robo:"
ERASURE_PREFIX = "erasure:"
OVERRIDE_PREFIX = "override:"
OVERRIDE_REPORT_ID = "override-report"
"""Id of the schedule of the weekly report of overrides."""
NOTIFIER_WORKFLOW_ID = "notifier"
WEBHOOK_DISPATCHER_WORKFLOW_ID = "webhook-dispatcher"
AUDIT_ROOT_ID = "audit-root"
"""Id of the schedule of signed roots."""
FORGETTING_ID = "forgetting"
"""Id of the schedule of forgetting what only served requests."""
RECONCILIATION_ID = "reconciliation"
"""Id of the schedule; its workflows have the moment they were due behind it."""


def delivery_workflow_id(delivery_id: DeliveryId) -> str:
    """Return the Temporal workflow id of a delivery."""
    return f"{DELIVERY_PREFIX}{delivery_id}"


def dispute_workflow_id(dispute_id: DisputeId) -> str:
    """Return the Temporal workflow id of a dispute."""
    return f"{DISPUTE_PREFIX}{dispute_id}"


def chargeback_workflow_id(chargeback_id: ChargebackId) -> str:
    """Return the Temporal workflow id of a chargeback."""
    return f"{CHARGEBACK_PREFIX}{chargeback_id}"


def correction_workflow_id(correction_id: CorrectionId) -> str:
    """Return the Temporal workflow id of a correction that somebody ordered."""
    return f"{CORRECTION_PREFIX}{correction_id}"


def undone_workflow_id(operation_id: str) -> str:
    """Return the Temporal workflow id that deals with a payment operation that came undone."""
    return f"{UNDONE_PREFIX}{operation_id}"


def erasure_workflow_id(person_id: PersonId) -> str:
    """Return the Temporal workflow id of a person's request to be erased."""
    return f"{ERASURE_PREFIX}{person_id}"


def override_workflow_id(override_id: str) -> str:
    """Return the Temporal workflow id of an emergency override."""
    return f"{OVERRIDE_PREFIX}{override_id}"


def robo_workflow_id(run_id: str) -> str:
    """Return the Temporal workflow id of a run of the robo traveler."""
    return f"{ROBO_PREFIX}{run_id}"
