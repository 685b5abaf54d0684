"""Which facts of an event are words that somebody wrote: they may name people, and can be erased."""

from __future__ import annotations

from collections.abc import Mapping

from domain.transitions import EventKind

WORDS = frozenset({"note", "question", "waived_because"})
"""Facts that are words whatever happened."""
KINDS_WITH_WRITTEN_REASON = frozenset(
    {
        EventKind.HOLD_PLACED,
        EventKind.HOLD_LIFTED,
        EventKind.DEADLINE_CORRECTED,
        EventKind.ADDRESS_CORRECTED,
        EventKind.RECIPIENT_CORRECTED,
        EventKind.PARCEL_CORRECTED,
        EventKind.ATTENTION_RESOLVED,
        EventKind.CHARGEBACK_RESUMED,
        EventKind.BEARER_NAMED,
    }
)
"""Events whose reason somebody wrote; the reason of every other event is a code of ours."""


def written_facts(event: EventKind, facts: Mapping[str, str]) -> frozenset[str]:
    """Return the names of the facts that are words; those that say nothing are left out."""
    names = WORDS | {"reason"} if event in KINDS_WITH_WRITTEN_REASON else WORDS
    return frozenset(name for name in names if facts.get(name))
