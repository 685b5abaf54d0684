"""Entries of the trail are bounded, and each kind has its chain."""

from __future__ import annotations

from domain.auditing.entries import (
    FACT_CHARACTERS_MAX,
    FACTS_MAX,
    TRAIL_OF,
    AuditEntry,
    EntryKind,
    Trail,
)


def test_every_kind_has_a_chain_and_every_chain_a_kind() -> None:
    assert set(TRAIL_OF) == set(EntryKind)
    assert set(TRAIL_OF.values()) == set(Trail)


def test_an_entry_cannot_be_made_long() -> None:
    facts = {f"fact_{number:02}": "x" * 5_000 for number in range(50)}
    entry = AuditEntry(EntryKind.INTERVENED, "person", "y" * 5_000, facts=facts)
    assert len(entry.bounded_facts) == FACTS_MAX
    assert {len(value) for value in entry.bounded_facts.values()} == {FACT_CHARACTERS_MAX}
    assert len(entry.bounded_id) == FACT_CHARACTERS_MAX
