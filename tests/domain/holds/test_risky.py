"""Which decision about risk a hold's events name."""

from __future__ import annotations

from uuid import UUID

import pytest

from domain.holds.risky import DECIDED, LOOKED_AT, lifting_facts, placing_facts

DECISION = "0199d6a1-9c0d-7e42-b1f4-2f6f0c8d7a90"
SPELLINGS = (DECISION, DECISION.upper(), UUID(DECISION).hex, f"{{{DECISION}}}", UUID(DECISION).urn)


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_decision_is_named_in_one_spelling_however_it_was_written(spelling: str) -> None:
    assert placing_facts(spelling) == {DECIDED: DECISION}
    assert lifting_facts("", spelling) == {LOOKED_AT: DECISION}
    both = {DECIDED: DECISION, LOOKED_AT: DECISION}
    assert lifting_facts(spelling, spelling) == both


def test_a_hold_without_a_decision_names_none() -> None:
    assert placing_facts("") == lifting_facts("", "") == {}
