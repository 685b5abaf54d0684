"""Every exit has a workflow test, a scenario and a golden history, and every one of those has an exit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from domain.status import CLOSED
from infra.robo.scenarios import SCENARIOS
from tests.house.documents import is_there
from tests.house.source import ROOT, require_none, texts

PAGE = "docs/exits.md"
NO_WORKFLOW = "no workflow"
"""In the place of a history: what is no part of any workflow."""
_ROW = re.compile(r"\| (.+?) \| `(.+?)` \| `(.+?)` \| (?:`(.+?)`|(no workflow)) \|$")
OF_THE_SAME_EXIT = frozenset(
    {"late", "wrong-pin", "offline-scan", "offline", "old-code", "spoofed-positions"}
    | {"cancel-early", "verdict-release", "verdict-refund"}
)
"""Scenarios that end as another one does, by a way that the exit does not tell apart."""


@dataclass(frozen=True)
class Exit:
    """One row of the page."""

    name: str
    test: str
    scenario: str
    history: str


def exits() -> tuple[Exit, ...]:
    """Return every row of the page."""
    found = (_ROW.match(line) for line in texts()[PAGE].splitlines())
    return tuple(Exit(each[1], each[2], each[3], each[4] or each[5]) for each in found if each)


def faults(each: Exit) -> Iterator[str]:
    if not is_there(each.test):
        yield f"{each.name}: there is no test {each.test}"
    if each.scenario not in SCENARIOS:
        yield f"{each.name}: there is no scenario {each.scenario}"
    for kept in ("json", "commands"):
        if each.history != NO_WORKFLOW and not _kept(f"{each.history}.{kept}"):
            yield f"{each.name}: there is no history tests/histories/{each.history}.{kept}"


def _kept(name: str) -> bool:
    return (ROOT / "tests" / "histories" / name).exists()


def test_every_exit_has_its_test_its_scenario_and_its_history() -> None:
    assert len(exits()) > 40
    problems = (fault for each in exits() for fault in faults(each))
    require_none(problems, f"Build what is missing, or correct {PAGE}.")


def test_every_scenario_is_that_of_an_exit() -> None:
    named = {each.scenario for each in exits()} | OF_THE_SAME_EXIT
    require_none(set(SCENARIOS) - named, f"Name the exit of each of these in {PAGE}.")


def test_every_way_to_close_is_an_exit() -> None:
    played = {SCENARIOS[each.scenario].ending.status for each in exits()}
    require_none(map(str, CLOSED - played), "Give each of these a scenario and an exit.")
