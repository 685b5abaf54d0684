"""`sendalong reconcile`: what the hourly run does, now."""

from __future__ import annotations

import argparse
import asyncio
import os
from datetime import timedelta
from typing import Any

from temporalio.client import Client, WorkflowFailureError
from temporalio.common import WorkflowIDConflictPolicy

from domain.ids import RECONCILIATION_ID
from domain.reconciliation.report import ReconciliationReport
from domain.visibility import TaskQueue
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder, default_folder
from infra.settings import Settings
from infra.temporal import connect, is_external, worker_identities

RUN_WITHIN = timedelta(hours=1)
"""Both steps of a run with all their tries take less."""
_OF_TEMPORAL = ("temporal_address", "temporal_namespace")


def run(options: argparse.Namespace) -> int:
    """Have a worker compare now, print what it found and say whether anything needs attention."""
    report = asyncio.run(_reconcile(options))
    print(report)
    return 1 if report.needs_attention else 0


async def _reconcile(options: argparse.Namespace) -> ReconciliationReport:
    client = await _client(options)
    if not await worker_identities(client, TaskQueue.RECONCILIATION):
        raise StackError("No worker has asked for work lately; start one first.")
    return await _result(client)


async def _client(options: argparse.Namespace) -> Client:
    """Connect to the Temporal of the environment, else to that of the running local stack.

    Raises:
        StackError: there is neither, or it does not answer.
    """
    try:
        return await connect(Settings.model_construct(**_way_to_temporal(options)))
    except RuntimeError as error:
        raise StackError("Temporal does not answer.") from error


def _way_to_temporal(options: argparse.Namespace) -> dict[str, Any]:
    """Return the settings that say where Temporal is; no other one is needed for that."""
    if is_external(os.environ):
        variables = [(name, os.environ.get(name.upper())) for name in _OF_TEMPORAL]
        found = {name: value for name, value in variables if value}
    else:
        running = StackFolder(options.data or default_folder()).running()
        if running is None:
            raise StackError("Sendalong is not running; start it, or set TEMPORAL_ADDRESS.")
        found = {"temporal_address": running.temporal_address}
    return {"_fields_set": set(found), **found}


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
