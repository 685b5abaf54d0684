"""Every workflow of the platform, for its workers."""

from __future__ import annotations

from workflows.audit_root import AuditRootWorkflow
from workflows.bulk_hold import BulkHoldWorkflow
from workflows.chargeback import ChargebackWorkflow
from workflows.correction import CorrectionWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.dispute import DisputeWorkflow
from workflows.erasure import ErasureWorkflow
from workflows.forgetting import ForgettingWorkflow
from workflows.notifier import NotifierWorkflow
from workflows.override import OverrideWorkflow
from workflows.override_report import OverrideReportWorkflow
from workflows.reconciliation import ReconciliationWorkflow
from workflows.robo import RoboWorkflow
from workflows.undone import UndoneWorkflow
from workflows.webhook_dispatcher import WebhookDispatcherWorkflow

WORKFLOWS = (
    DeliveryWorkflow,
    DisputeWorkflow,
    NotifierWorkflow,
    WebhookDispatcherWorkflow,
    ReconciliationWorkflow,
    AuditRootWorkflow,
    ForgettingWorkflow,
    ErasureWorkflow,
    CorrectionWorkflow,
    UndoneWorkflow,
    ChargebackWorkflow,
    BulkHoldWorkflow,
    OverrideWorkflow,
    OverrideReportWorkflow,
    RoboWorkflow,
)
"""Every workflow of the platform."""
