"""The document about money says what the code books."""

from __future__ import annotations

import pytest

from domain.ledger import MEANINGS
from tests.domain.ledger.document import accounts, horizons, postings
from tests.domain.ledger.steps import LATE, WAY_IN, WAY_OUT
from tests.domain.reconciliation.document import matched
from tests.house.source import texts

DOCUMENT = "docs/money.md"
TABLES = {
    "accounts": accounts(),
    "horizons": horizons(),
    "way in": postings(WAY_IN),
    "way out": postings(WAY_OUT),
    "late": postings(LATE),
    "reconciliation": matched(),
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_the_document_is_what_the_code_does(name: str) -> None:
    assert TABLES[name] in texts()[DOCUMENT], f"Paste this into {DOCUMENT}:\n{TABLES[name]}"


def test_the_document_has_no_table_of_bookings_that_nothing_checks() -> None:
    checked = {line for known in TABLES.values() for line in known.splitlines()}
    written = [line for line in texts()[DOCUMENT].splitlines() if line.startswith("| ")]
    ours = [line for line in written if any(f"`{kind}`" in line for kind in MEANINGS)]
    assert [line for line in ours if line not in checked] == []
