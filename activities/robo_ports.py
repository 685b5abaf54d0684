"""What a run of the robo traveler needs from outside."""

from __future__ import annotations

from typing import Protocol

from domain.robo import RunState


class Robots(Protocol):
    """Plays scenarios as people would, through the public REST API."""

    async def play(self, run_id: str) -> RunState:
        """Play a run to its end, from where it stopped; return how it ended."""
        ...

    async def give_up(self, run_id: str) -> RunState:
        """Close a run that cannot be played to its end."""
        ...
