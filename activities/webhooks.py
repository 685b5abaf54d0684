"""The activities that hand on what payment providers report."""

from __future__ import annotations

from dataclasses import dataclass

from temporalio import activity

from activities.shifts import work_shift
from activities.webhook_ports import DispatchReport, Webhooks


@dataclass(frozen=True, slots=True)
class WebhookShift:
    """Input of `dispatch_webhooks`."""

    length_s: int = 300
    """How long one activity hands events on; after it, the provider's list is read for more."""
    wait_s: int = 30
    """Longest wait for an event within one round."""


class WebhookActivities:
    """Works through the inbox of provider events."""

    def __init__(self, webhooks: Webhooks) -> None:
        self._webhooks = webhooks

    @activity.defn
    async def catch_up_events(self) -> DispatchReport:
        """Take what the provider lists and no webhook has brought into the inbox."""
        return await self._webhooks.catch_up()

    @activity.defn
    async def dispatch_webhooks(self, shift: WebhookShift) -> DispatchReport:
        """Hand events on for the length of a shift and return what became of them.

        It ends early, and in good order, when its worker shuts down or it is cancelled.
        """
        return await work_shift(
            self._webhooks.dispatch,
            DispatchReport(),
            length_s=shift.length_s,
            wait_s=shift.wait_s,
        )
