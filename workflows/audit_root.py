"""The workflow that signs how all chains of the audit stand; a schedule starts it."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy

with workflow.unsafe.imports_passed_through():
    from activities.auditing import AuditActivities
    from domain.auditing.roots import RootPolicy, SignedRoot
    from domain.visibility import TaskQueue

HEARTBEAT_S_MAX = 15
"""A worker that is silent for this long is lost; another one goes on."""

_RETRY = RetryPolicy(initial_interval=timedelta(seconds=5), maximum_interval=timedelta(minutes=2))


@workflow.defn(name="audit_root")
class AuditRootWorkflow:
    """One root. What it returns is a copy outside the platform's own database."""

    @workflow.run
    async def run(self) -> SignedRoot:
        """Sign the heads of all chains and return the root."""
        root = await workflow.execute_activity_method(
            AuditActivities.sign_heads,
            task_queue=TaskQueue.RECONCILIATION,
            schedule_to_close_timeout=timedelta(seconds=RootPolicy().run_s_max),
            heartbeat_timeout=timedelta(seconds=HEARTBEAT_S_MAX),
            retry_policy=_RETRY,
            summary="sign the heads of all chains",
        )
        workflow.set_current_details(f"`{root.statement}`\n\nsigned by key `{root.key_id}`")
        return root
