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
    sos_answer_s: int = 300
    """How long operators have to answer a call for help, and the first wait before they are told
    again: somebody who is in danger waits."""
    sos_again_s_max: int = 4 * 3_600
    """Cap of the doubling wait before operators are told again that a call is open: whoever comes on
    duty hears of it within half a shift."""
