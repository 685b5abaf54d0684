"""Whoever is a party of a delivery is told of it as one."""

from __future__ import annotations

import pytest

from domain.identity.roles import OUTSIDERS, PARTIES, STAFF, Relation, told_as


@pytest.mark.parametrize("party", sorted(PARTIES))
def test_a_party_who_works_here_is_told_as_a_party(party: Relation) -> None:
    assert told_as(STAFF | {party}) == {party}


@pytest.mark.parametrize("relations", [STAFF, OUTSIDERS, frozenset({*STAFF, *OUTSIDERS}), PARTIES])
def test_everybody_else_is_told_as_what_they_are(relations: frozenset[Relation]) -> None:
    assert told_as(relations) == relations
