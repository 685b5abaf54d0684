"""Scanners that repeat a wrong code must slow down."""

from __future__ import annotations

from datetime import datetime, timedelta

from domain.lifecycle import DeliveryState

SCAN_PAUSE_S_FIRST = 60
"""First pause of scanning, in seconds; it doubles with every further wrong code."""
SCAN_PAUSE_S_LONGEST = 86_400


def note_wrong_scan(state: DeliveryState, now: datetime) -> None:
    """Count a refused full code; after too many, scanning pauses, longer each time."""
    state.wrong_scans += 1
    excess = state.wrong_scans - state.order.policies.limits.wrong_scans_max
    if excess >= 0:
        pause_s = min(SCAN_PAUSE_S_FIRST * 2 ** min(excess, 20), SCAN_PAUSE_S_LONGEST)
        state.scans_paused_until = now + timedelta(seconds=pause_s)
