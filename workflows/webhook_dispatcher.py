"""The workflow that hands on what payment providers report, for ever: one per installation."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.shifts import add_reports
    from activities.webhook_ports import DispatchReport
    from activities.webhooks import WebhookActivities, WebhookShift
    from domain.visibility import TaskQueue

SHIFTS_PER_RUN = 24
"""Shifts until the workflow starts over with a short history: about two hours."""
HEARTBEAT_S_MAX = 15
"""A worker that is silent for this long is lost; another one takes the shift over."""
SHIFT_S_MORE = 120
"""What a shift may take beyond its length: events under way are settled."""
CATCH_UP_S_MAX = 120
"""One reading of the provider's list: after a month of lost webhooks it has hundreds of pages."""
CATCH_UP_TRIES_MAX = 3
"""A list that cannot be read waits for the next shift: what did come in must not wait for it."""
PAUSE_S = 30
"""Pause after a shift that failed for good."""

RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
"""A shift is tried for ever: what it could not hand on waits in the inbox."""


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
        try:
            report = await workflow.execute_activity_method(
                WebhookActivities.dispatch_webhooks,
                shift,
                task_queue=TaskQueue.WEBHOOKS,
                start_to_close_timeout=timedelta(seconds=shift.length_s + SHIFT_S_MORE),
                heartbeat_timeout=timedelta(seconds=HEARTBEAT_S_MAX),
                retry_policy=RETRY,
                summary=f"hand events on for {shift.length_s // 60} minutes",
            )
        except ActivityError as failure:
            if is_cancelled_exception(failure):
                raise
            self.failed_shifts += 1
            await workflow.sleep(PAUSE_S, summary="pause after a shift that failed")
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
        lines = [f"| {name} | {value} |" for name, value in rows]
        intro = "Hands on what payment providers report. `sendalong webhooks list` names the rest."
        table = "\n".join(["| Events, up to the last shift | |", "|---|---|", *lines])
        workflow.set_current_details(f"{intro}\n\n{table}")
