"""The page on security names code and tests that are there, for every row of its tables."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.house.documents import OUR_PATH, SPAN, is_there
from tests.house.source import require_none, texts

PAGE = "docs/security.md"
RISKS = [f"API{number}" for number in range(1, 11)]
ABSENT = "Not there:"
"""How a row begins to say why it is about something that this platform does not have."""


def rows() -> Iterator[tuple[str, str, str, str]]:
    """Return title, promise, code and tests of every row."""
    for line in texts()[PAGE].splitlines():
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        if len(cells) == 4 and re.match(r"(API|V)\d", cells[0]):
            yield cells[0], cells[1], cells[2], cells[3]


def faults(title: str, promise: str, code: str, tests: str) -> Iterator[str]:
    if promise.startswith(ABSENT):
        return
    named = [path for span in SPAN.findall(code) for path in OUR_PATH.findall(span)]
    shown = [span for span in SPAN.findall(tests) if re.match(r"tests/[\w/]+\.py::test_\w+$", span)]
    if not promise or not named or not shown:
        yield f"{title}: it names no promise, no code or no test"
    if len(shown) != len(SPAN.findall(tests)):
        yield f"{title}: a test is written as `tests/...py::test_name`"
    yield from (f"{title}: {path} is not there" for path in [*named, *shown] if not is_there(path))


def test_every_row_names_code_and_tests_that_are_there() -> None:
    require_none((fault for row in rows() for fault in faults(*row)), f"Correct {PAGE}.")


def test_every_risk_of_the_top_ten_has_its_row() -> None:
    assert [title.split()[0] for title, *_ in rows() if title.startswith("API")] == RISKS


def test_every_chapter_of_the_standard_has_a_row() -> None:
    chapters = {title.split()[0].split(".")[0] for title, *_ in rows() if title.startswith("V")}
    assert chapters == {f"V{number}" for number in range(1, 18)}


def test_what_is_not_there_says_why() -> None:
    for title, promise, code, tests in rows():
        if promise.startswith(ABSENT):
            assert len(promise) > len(ABSENT) + 20, title
            assert not code + tests, title
