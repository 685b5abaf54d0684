"""The workflow that keeps messages going out, for ever: one per installation."""

from __future__ import annotations

from datetime import timedelta

from temporalio import workflow
from temporalio.common import RetryPolicy
from temporalio.exceptions import ActivityError, is_cancelled_exception

with workflow.unsafe.imports_passed_through():
    from activities.notifications import NotificationActivities, NotifierShift
    from activities.ports import OutboxReport
    from activities.shifts import add_reports
    from domain.visibility import TaskQueue

SHIFTS_PER_RUN = 48
"""Shifts until the workflow starts over with a short history: about four hours."""
HEARTBEAT_S_MAX = 15
"""A worker that is silent for this long is lost; another one takes the shift over."""
SHIFT_S_MORE = 120
"""What a shift may take beyond its length: messages under way are given their answers."""
PAUSE_S = 30
"""Pause after a shift that failed for good."""

RETRY = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
"""A shift is tried for ever: what it could not send waits in the outbox."""


@workflow.defn(name="notifier")
class NotifierWorkflow:
    """Runs one shift of sending after the other; nothing that happens in a shift ends it."""

    def __init__(self) -> None:
        self.totals = OutboxReport()
        self.failed_shifts = 0

    @workflow.run
    async def run(self, totals: OutboxReport | None = None) -> None:
        """Send messages until somebody cancels the workflow.

        `totals` carries the counts over from one run to the next.
        """
        self.totals = totals or OutboxReport()
        for _ in range(SHIFTS_PER_RUN):
            self._show()
            await self._work_shift(NotifierShift())
        workflow.continue_as_new(self.totals)

    async def _work_shift(self, shift: NotifierShift) -> None:
        try:
            report = await workflow.execute_activity_method(
                NotificationActivities.deliver_notifications,
                shift,
                task_queue=TaskQueue.NOTIFICATIONS,
                start_to_close_timeout=timedelta(seconds=shift.length_s + SHIFT_S_MORE),
                heartbeat_timeout=timedelta(seconds=HEARTBEAT_S_MAX),
                retry_policy=RETRY,
                summary=f"send messages for {shift.length_s // 60} minutes",
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
            ("Sent", self.totals.sent),
            ("Refused for good", self.totals.refused),
            ("Outcome unknown, not repeated", self.totals.unknown),
            ("Tries postponed", self.totals.postponed),
            ("Shifts that failed in this run", self.failed_shifts),
        )
        lines = [f"| {name} | {value} |" for name, value in rows]
        intro = "Sends what deliveries left in the outbox. No delivery ever waits for it."
        table = "\n".join(["| Messages, up to the last shift | |", "|---|---|", *lines])
        workflow.set_current_details(f"{intro}\n\n{table}")
