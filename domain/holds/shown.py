"""What parties read of a hold: the same, whether staff have placed it or somebody has called for help."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.holds.policy import HoldPolicy
from domain.transitions import EventKind

AMONG_STAFF = frozenset({EventKind.HOLD_REMINDED, EventKind.HOLD_OVERDUE})
"""Events that staff are told by that a hold lasts; those of a call are for them as well."""
MOVING_HOLDS = frozenset({EventKind.HOLD_PLACED, EventKind.SOS_CALLED, EventKind.HOLD_LIFTED})
"""Events that place a hold or end it."""
SHOWN_AS = EventKind.HOLD_PLACED
"""What a call that has placed a hold is shown as: an operator looks into it from then on."""


def usual_telling(since: datetime, policy: HoldPolicy, now: datetime) -> datetime:
    """Return when staff would be told next of a hold of their own that has lasted since then."""
    reminder_at = since + timedelta(seconds=policy.reminder_s)
    if now < reminder_at:
        return reminder_at
    alarm_at, again = since + timedelta(seconds=policy.alarm_s), policy.alarm_again_s
    alarms = 0 if now < alarm_at else int((now - alarm_at).total_seconds()) // again + 1
    return alarm_at + timedelta(seconds=alarms * again)
