"""The text of a root says one thing, letter by letter."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.auditing.roots import (
    FIRST_PREVIOUS,
    RootPolicy,
    RootStatement,
    is_gap,
    read_statement,
)

STATEMENT = RootStatement(
    sequence=1,
    at=datetime(2026, 5, 1, 12, tzinfo=UTC),
    chains=2,
    root="ab" * 32,
    previous=FIRST_PREVIOUS,
)


def test_a_statement_reads_back() -> None:
    assert read_statement(STATEMENT.text) == STATEMENT
    assert STATEMENT.signed_bytes.endswith(STATEMENT.text.encode())


@pytest.mark.parametrize(
    "text",
    ["", "{}", "[]", "null", STATEMENT.text + " ", STATEMENT.text.replace("}", ',"more":1}')],
)
def test_what_is_no_statement_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"statement|Expecting"):
        read_statement(text)


def test_a_root_that_was_missed_is_a_gap() -> None:
    policy = RootPolicy()
    later = STATEMENT.at + timedelta(seconds=policy.every_s)
    assert not is_gap(STATEMENT.at, later, policy)
    assert is_gap(STATEMENT.at, later + timedelta(seconds=policy.every_s + 1), policy)
