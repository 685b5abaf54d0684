"""The workflow that hands on what payment providers report, for ever: one per installation."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

from workflows.shifts import show_totals, work_shift

with workflow.unsafe.imports_passed_through():
    from activities.shifts import add_reports
    from activities.webhook_ports import DispatchReport
    from activities.webhooks import WebhookActivities, WebhookShift
    from domain.visibility import TaskQueue

SHIFTS_PER_RUN = 24
"""Shifts until the workflow starts over with a short history: about two hours."""
CATCH_UP_S_MAX = 120
"""One reading of the provider's list: after a month of lost webhooks it has hundreds of pages."""
CATCH_UP_TRIES_MAX = 3
"""A list that cannot be read waits for the next shift: what did come in must not wait for it."""


@workflow.defn(name="webhook-dispatcher")
class WebhookDispatcherWorkflow:
    """Reads the provider's list, then works one shift over the inbox, again and again."""

    def __init__(self) -> None:
        self.totals = DispatchReport()
        self.failed_shifts = 0
        self.failed_readings = 0

    @workflow.run
    async def run(self, totals: DispatchReport | None = None) -> None:
        """Hand events on until somebody cancels the workflow.

        `totals` carries the counts over from one run to the next.
        """
        self.totals = totals or DispatchReport()
        for _ in range(SHIFTS_PER_RUN):
            self._show()
            await self._catch_up()
            await self._work_shift(WebhookShift())
        workflow.continue_as_new(self.totals)

    async def _catch_up(self) -> None:
        try:
            report = await workflow.execute_activity_method(
                WebhookActivities.catch_up_events,
                task_queue=TaskQueue.WEBHOOKS,
                start_to_close_timeout=timedelta(seconds=CATCH_UP_S_MAX),
                retry_policy=RetryPolicy(maximum_attempts=CATCH_UP_TRIES_MAX),
                summary="read the provider's list of events",
            )
        except ActivityError as failure:
            if is_cancelled_exception(failure):
                raise
            self.failed_readings += 1
        else:
            self.totals = add_reports(self.totals, report)

    async def _work_shift(self, shift: WebhookShift) -> None:
        report = await work_shift(
            WebhookActivities.dispatch_webhooks, shift, TaskQueue.WEBHOOKS, "hand events on"
        )
        if report is None:
            self.failed_shifts += 1
        else:
            self.totals = add_reports(self.totals, report)

    def _show(self) -> None:
        rows = (
            ("Told to a delivery or a chargeback", self.totals.told),
            ("Needed nobody", self.totals.seen),
            ("Waiting for what is not built yet", self.totals.waiting),
            ("Tries postponed", self.totals.postponed),
            ("Dead, to be replayed", self.totals.dead),
            ("Brought by the provider's list only", self.totals.missed),
            ("Shifts that failed in this run", self.failed_shifts),
            ("Readings of the list that failed in this run", self.failed_readings),
        )
        show_totals(
            "Hands on what payment providers report. `sendalong webhooks list` names the rest.",
            "Events",
            rows,
        )
