"""Where staff read what to do about an alarm: one page per name."""

from __future__ import annotations

from typing import Final

FOLDER: Final = "docs/runbooks"
DATABASE_AWAY: Final = "database_away"
"""Alarm of a saga that cannot write what it did; it ends by itself."""
WEBHOOK_DEAD: Final = "webhook_dead"
"""Alarm of an event of the payment provider that was given up."""
RECORD_TRANSITION: Final = "record_transition"
"""Alarm of a change that the database refuses for good."""


def runbook_of(alarm: str) -> str:
    """Return the path of an alarm's page: a parked step, an attention or the kind of an item."""
    return f"{FOLDER}/{alarm}.md"
