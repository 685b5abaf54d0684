"""The activity that forgets what only served requests."""

from __future__ import annotations

from temporalio import activity

from activities.forgetting_ports import Forgetting
from activities.heartbeats import alive
from domain.forgetting import Forgotten


class ForgettingActivities:
    """Removes what has served.

    Idempotency: a repetition goes on where the last one was interrupted.
    """

    def __init__(self, forgetting: Forgetting) -> None:
        self._forgetting = forgetting

    @activity.defn
    async def forget_served(self) -> Forgotten:
        """Remove what has served, and return how much it was."""
        async with alive():
            return await self._forgetting.forget()
