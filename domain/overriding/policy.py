"""How long an emergency override may wait, and how much longer the money does after one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class OverridePolicy:
    """Windows of an override. Units: whole seconds and counts."""

    approval_s: int = 30 * 60
    """Time for a second person to approve: whoever asks is on the phone with the police or at the door,
    and a request that lies about is one that somebody finds."""
    approval_fresh_s: int = 5 * 60
    """How old what a person has approved may be when the decision is written down: long enough for a
    database that was away for a moment, too short for an approval that lay about."""
    apply_s: int = 10 * 60
    """Time for an approved override to reach its delivery: longer than a capture of the payment takes."""
    money_waits_s: int = 72 * 3_600
    """How much longer than usual the dispute window is after one: no code was shown, so the parties get
    three days, a weekend with a working day, to say that it is wrong."""
    evidence_max: int = 20
    """Pieces of evidence that one request names."""
    report_s: int = 7 * 86_400
    """From one report of the overrides to the next: each is remembered by those who made it."""
