"""How long reviews are hidden: figures only."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ReviewPolicy:
    """When reviews are written and shown. Units: whole seconds."""

    hidden_s: int = 7 * 86_400
    """From the close on: as long both sides may write, and neither sees what the other wrote before
    both have. A week: who has not written by then will not."""
