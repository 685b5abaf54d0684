"""Denials are written down one by one until somebody makes too many."""

from __future__ import annotations

from domain.auditing.denials import BURST, KINDS_MAX, Denial, DenialTally
from domain.auditing.entries import EntryKind


def denial(number: int = 0) -> Denial:
    return Denial("read_delivery", "not_found", "delivery", f"object-{number}")


def test_equal_denials_are_one_entry_with_a_count() -> None:
    tally = DenialTally()
    for _ in range(3):
        tally.add(denial())
    (entry,) = tally.due(0)
    assert (entry.kind, entry.subject_id) == (EntryKind.DENIED, "object-0")
    assert entry.facts == {"action": "read_delivery", "code": "not_found", "count": "3"}
    assert tally.due(1) == []


def test_a_flood_is_written_at_the_rate_of_the_allowance() -> None:
    tally = DenialTally()
    for number in range(KINDS_MAX):
        tally.add(denial(number))
    assert len(tally.due(0)) == BURST
    assert len(tally.due(2)) == 2
    assert len(tally.due(2)) == 0
    assert len(tally.due(10_000)) == BURST


def test_what_does_not_fit_is_counted() -> None:
    tally = DenialTally()
    for number in range(KINDS_MAX + 7):
        tally.add(denial(number))
    assert len(tally.waiting) == KINDS_MAX
    *ones, rest = tally.due(0, everything=True)
    assert len(ones) == KINDS_MAX
    assert (rest.kind, rest.facts) == (EntryKind.DENIALS_UNCOUNTED, {"count": "7"})
    assert tally.due(1) == []
