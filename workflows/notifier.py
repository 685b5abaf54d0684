"""The workflow that keeps messages going out, for ever: one per installation."""

from __future__ import annotations

from temporalio import workflow

from workflows.shifts import show_totals, work_shift

with workflow.unsafe.imports_passed_through():
    from activities.notifications import NotificationActivities, NotifierShift
    from activities.ports import OutboxReport
    from activities.shifts import add_reports
    from domain.visibility import TaskQueue

SHIFTS_PER_RUN = 48
"""Shifts until the workflow starts over with a short history: about four hours."""


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
        report = await work_shift(
            NotificationActivities.deliver_notifications,
            shift,
            TaskQueue.NOTIFICATIONS,
            "send messages",
        )
        if report is None:
            self.failed_shifts += 1
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
        show_totals(
            "Sends what deliveries left in the outbox. No delivery ever waits for it.",
            "Messages",
            rows,
        )
