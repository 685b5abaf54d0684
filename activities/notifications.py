"""The activity that sends messages; a failed message never fails or delays a money step."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities.ports import Outbox, OutboxReport
from activities.shifts import work_shift


@dataclass(frozen=True, slots=True)
class NotifierShift:
    """Input of `deliver_notifications`."""

    length_s: int = 300
    """How long one activity sends messages: few events of history, and totals that are recent."""
    wait_s: int = 30
    """Longest wait for a message within one round."""


class NotificationActivities:
    """Sends what transitions left in the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox

    @activity.defn
    async def deliver_notifications(self, shift: NotifierShift) -> OutboxReport:
        """Send messages for the length of a shift and return what became of them.

        It ends early, and in good order, when its worker shuts down or it is cancelled: waiting
        stops at once, and messages under way are given their answers.
        """
        return await work_shift(
            self._outbox.deliver, OutboxReport(), length_s=shift.length_s, wait_s=shift.wait_s
        )
