"""The documents say what reconciliation compares, what it finds and what to do about it."""

from __future__ import annotations

import pytest

from domain.attention import AttentionKind
from tests.domain.reconciliation.document import kinds, matched, meanings
from tests.house.source import texts

TABLES = {"docs/operations.md": kinds(), "docs/money.md": matched()}


def test_every_kind_says_what_it_means() -> None:
    assert list(meanings()) == list(AttentionKind)


@pytest.mark.parametrize("document", TABLES)
def test_a_table_of_a_document_is_what_the_code_does(document: str) -> None:
    assert TABLES[document] in texts()[document], f"Paste this into {document}:\n{TABLES[document]}"
