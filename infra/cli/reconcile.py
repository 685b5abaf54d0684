"""`sendalong reconcile`: what the hourly run does, now."""

from __future__ import annotations

import argparse
import asyncio
from datetime import timedelta

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy

from domain.ids import RECONCILIATION_ID
from domain.reconciliation.report import ReconciliationReport
from domain.visibility import TaskQueue
from infra.cli.temporal_connection import encrypting_client
from infra.local_stack.errors import StackError
from infra.temporal import worker_identities

RUN_WITHIN = timedelta(hours=1)
"""Both steps of a run with all their tries take less."""


def run(options: argparse.Namespace) -> int:
    """Have a worker compare now, print what it found and say whether anything needs attention."""
    report = asyncio.run(_reconcile(options))
    print(report)
    return 1 if report.needs_attention else 0


async def _reconcile(options: argparse.Namespace) -> ReconciliationReport:
    async with encrypting_client(options) as client:
        if not await worker_identities(client, TaskQueue.RECONCILIATION):
            raise StackError("No worker has asked for work lately; start one first.")
        return await _result(client)


async def _result(client: Client) -> ReconciliationReport:
    try:
        report: ReconciliationReport = await client.execute_workflow(
            "reconciliation",
            id=f"{RECONCILIATION_ID}-by-hand",
            task_queue=TaskQueue.SAGAS,
            result_type=ReconciliationReport,
            execution_timeout=RUN_WITHIN,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary="Compares the provider's statement with the ledger, asked for by a person",
        )
    except WorkflowFailureError as failure:
        raise StackError(str(failure.cause)) from failure
    return report
