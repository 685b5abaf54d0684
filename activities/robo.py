"""The activities of the robo traveler, which exist in sandbox mode only."""

from __future__ import annotations

from temporalio import activity
from temporalio.exceptions import ApplicationError

from activities.heartbeats import alive
from activities.robo_ports import Robots
from domain.robo import RunState


class RoboActivities:
    """Plays runs.

    Idempotency: each step is sent under a key of its own, so a step that is repeated takes effect once.
    """

    def __init__(self, robots: Robots | None) -> None:
        """Take the robots; with none, as with real money, every run is refused."""
        self._robots = robots

    @activity.defn
    async def play_scenario(self, run_id: str) -> RunState:
        """Play a run, from where it stopped."""
        async with alive():
            return await self._there().play(run_id)

    @activity.defn
    async def give_up_scenario(self, run_id: str) -> RunState:
        """Close a run that could not be played in time."""
        return await self._there().give_up(run_id)

    def _there(self) -> Robots:
        if self._robots is None:
            raise ApplicationError("Robots never play with real money.", non_retryable=True)
        return self._robots
