"""What is put into an order, or not measured, is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.collecting import LONGEST_FIRST, MEASURED, UNMEASURED

PROJECT = Path(__file__).parents[1]


@pytest.mark.parametrize("start", [*UNMEASURED, *MEASURED, *LONGEST_FIRST])
def test_there_are_tests_of_this_name(start: str) -> None:
    path = PROJECT / start
    found = path.is_dir() if start.endswith("/") else path.with_suffix(".py").is_file()
    assert found, "name the file or folder as it is called now"
