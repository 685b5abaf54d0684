"""What the demo prints is for people: times look alike wherever they stand."""

from __future__ import annotations

from io import StringIO
from typing import Any

from rich.console import Console

from infra.demo.report import print_timeline

AT = "2026-05-02T23:59:30.500Z"


def printed(**facts: Any) -> str:
    event = {
        "sequence": 9,
        "at": AT,
        "kind": "delivered",
        "actor_role": "traveler",
        "status": "delivered",
        "facts": facts,
    }
    said = StringIO()
    print_timeline(Console(file=said, width=200), "Straight through", [event])
    return said.getvalue()


def test_a_moment_among_the_facts_is_printed_as_the_time_of_its_event() -> None:
    line = printed(undo_until="2026-05-02T23:59:31.500+00:00")
    assert "23:59:30" in line
    assert "undo_until: 23:59:31" in line
    assert "2026-05-02" not in line


def test_a_moment_of_another_day_is_printed_with_it() -> None:
    assert "undo_until: 2026-05-03 00:00:30" in printed(undo_until="2026-05-03T00:00:30.500Z")


def test_other_facts_are_printed_as_they_are() -> None:
    line = printed(refund="EUR 15.00", reason="Too late", note="", attempts=2)
    assert "refund: EUR 15.00, reason: Too late, attempts: 2" in line
