"""The workflow that compares the provider's statement with the ledger; a schedule starts it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.common import RetryPolicy, SearchAttributeKey
from temporalio.exceptions import ActivityError, ApplicationError, is_cancelled_exception

from workflows.money import failure_code

with workflow.unsafe.imports_passed_through():
    from activities.reconciliation import ReconciliationActivities
    from domain.reconciliation.report import ReconciliationReport
    from domain.visibility import Attribute, TaskQueue

HEARTBEAT_S_MAX = 15
"""A worker that is silent for this long is lost; another one goes on."""
STEP_S_MAX = 1_500
"""Longest time for one of the two steps with all its tries: both end before the next run is due."""
RUN_S_MAX = 3_300
"""Longest time for a run: one that no worker can go on with must not keep the next from being started."""

_RETRY = RetryPolicy(
    initial_interval=timedelta(seconds=5),
    maximum_interval=timedelta(minutes=2),
    non_retryable_error_types=["ProviderRefused", "TooManyLines"],
)
_NEEDS_ATTENTION = SearchAttributeKey.for_bool(Attribute.NEEDS_ATTENTION)

Result = TypeVar("Result")


@workflow.defn(name="reconciliation")
class ReconciliationWorkflow:
    """One run: read what the provider says it moved, then compare it with what is booked."""

    @workflow.run
    async def run(self) -> ReconciliationReport:
        """Return what was found; every difference is an attention item by then.

        Raises:
            ApplicationError: the statement could not be read, or not be compared in time.
        """
        try:
            await self._step(
                ReconciliationActivities.read_statement, "read the provider's statement"
            )
            report = await self._step(
                ReconciliationActivities.compare_books, "compare it with the ledger"
            )
        except ActivityError as failure:
            if is_cancelled_exception(failure):
                raise
            raise self._failed(failure_code(failure)) from failure
        self._show(f"{report}\n\n`sendalong attention list` names what is open.")
        self._mark(needs_attention=report.needs_attention)
        return report

    async def _step(self, do: Callable[[Any, str], Awaitable[Result]], summary: str) -> Result:
        return await workflow.execute_activity_method(
            do,
            workflow.info().run_id,
            task_queue=TaskQueue.RECONCILIATION,
            schedule_to_close_timeout=timedelta(seconds=STEP_S_MAX),
            heartbeat_timeout=timedelta(seconds=HEARTBEAT_S_MAX),
            retry_policy=_RETRY,
            summary=summary,
        )

    def _failed(self, reason: str) -> ApplicationError:
        self._show(f"Nothing was compared: {reason}. The next run reads everything again.")
        self._mark(needs_attention=True)
        return ApplicationError(f"Nothing was compared: {reason}.", type=reason)

    def _show(self, text: str) -> None:
        workflow.set_current_details(text)

    def _mark(self, *, needs_attention: bool) -> None:
        workflow.upsert_search_attributes([_NEEDS_ATTENTION.value_set(needs_attention)])
