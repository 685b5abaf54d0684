"""How often a person may take a copy of everything that is kept about them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ExportPolicy:
    """Bounds of the copies that one person takes. Units: whole seconds and counts."""

    times_max: int = 5
    """Copies within the time: one is enough, some are lost, and each reads everything of the person."""
    within_s: int = 86_400
    """The time in which they are counted."""
