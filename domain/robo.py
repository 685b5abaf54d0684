"""A run of the robo traveler: how fast, how many, and how it stands."""

from __future__ import annotations

from enum import StrEnum

SPEED_MAX = 1_000
"""Greatest speed: a step of five seconds then takes five milliseconds."""
SPEED_DEFAULT = 10
"""A delivery in the time in which somebody can follow it."""
RUNS_AT_ONCE_MAX = 5
"""Runs that play at the same time: enough to try things out, too few to be a load."""


class RunState(StrEnum):
    """How a run stands."""

    PLAYING = "playing"
    MET = "met"
    """It ended as the scenario says."""
    FAILED = "failed"
