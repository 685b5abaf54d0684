"""The activities that read the provider's statement and compare it with the ledger."""

from __future__ import annotations

from temporalio import activity

from activities.heartbeats import alive
from activities.reconciliation_ports import Reconciliation
from domain.reconciliation.report import ReconciliationReport, StatementRead


class ReconciliationActivities:
    """Reads and compares; it books nothing and repairs nothing.

    Idempotency: a run that is repeated goes on where it was interrupted, and raises nothing twice.
    """

    def __init__(self, reconciliation: Reconciliation) -> None:
        self._reconciliation = reconciliation

    @activity.defn
    async def read_statement(self, run_id: str) -> StatementRead:
        """Keep the provider's statement up to now."""
        async with alive():
            return await self._reconciliation.read_statement(run_id)

    @activity.defn
    async def compare_books(self, run_id: str) -> ReconciliationReport:
        """Compare what was read with the ledger and bring the list of attention items up to date."""
        async with alive():
            return await self._reconciliation.compare(run_id)
