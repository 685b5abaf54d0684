"""Every clock says who must act, what happens otherwise and what it does to the money."""

from __future__ import annotations

import pytest

from domain.deadlines import RULES, DeadlineKind


def test_every_clock_has_a_rule() -> None:
    assert set(RULES) == set(DeadlineKind)


@pytest.mark.parametrize("kind", DeadlineKind)
def test_rule_says_who_what_otherwise_and_the_money(kind: DeadlineKind) -> None:
    rule = RULES[kind]
    for words in (rule.action, rule.default, rule.money_effect):
        assert words == words.strip() != ""
        assert "|" not in words, "the words are shown in a markdown table"
        assert not words.endswith("."), "the words are parts of sentences"
