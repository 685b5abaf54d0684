"""How long an erasure may take, and when people are told that it takes too long."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErasurePolicy:
    """Windows of an erasure. Units: whole seconds."""

    cooling_off_s: int = 7 * 86_400
    """How long a person may take it back: a week is enough to notice that somebody else asked, and
    short against the month in which the law wants it done."""
    look_s: int = 3_600
    """First wait before it is looked again whether deliveries and money are settled; it doubles."""
    look_s_max: int = 86_400
    """Longest wait between two looks: a day more is nothing against a delivery of weeks."""
    alarm_s: int = 25 * 86_400
    """When staff are told that it still waits: five days are left of the month that the law gives.
    Source: GDPR, article 12, paragraph 3."""
