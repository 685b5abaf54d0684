"""How long a delivery may stay on hold before staff are told of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class HoldPolicy:
    """A hold never ends by itself, and is never forgotten. Units: whole seconds."""

    reminder_s: int = 86_400
    """When staff are reminded first: most questions are answered within a working day."""
    alarm_s: int = 3 * 86_400
    """When the alarm is raised, counted from the beginning: a weekend and a day."""
    alarm_again_s: int = 86_400
    """From one alarm to the next: somebody's parcel and somebody's money stand still."""
