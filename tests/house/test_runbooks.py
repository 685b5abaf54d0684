"""One page per alarm: every alarm in the code has its runbook, and every runbook an alarm."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from pathlib import PurePosixPath

import pytest

from domain.attention import AttentionKind
from domain.chargebacks import (
    MONEY_STEPS,
    RECOVERING_STEPS,
    NameBearer,
    SubmitEvidence,
)
from domain.contracts import ResolveAttention
from domain.correcting.again import AgainCommand, DoneByHand
from domain.holds.rules import OF_HOLDS, HoldDelivery, ResumeDelivery
from domain.journey.contracts import CheckIn
from domain.lifecycle import TRAVELER_SILENT, VERDICT_OVERDUE
from domain.runbooks import DATABASE_AWAY, FOLDER, WEBHOOK_DEAD, runbook_of
from tests.house.documents import FENCE
from tests.house.source import calls, packages, require_none, texts
from workflows.correction_steps import LATE_STEPS
from workflows.steps import STEPS

PARTS = (
    "Where it shows",
    "What it means",
    "Until somebody acts",
    "What to do",
    "When it is over",
)
COMMANDS = (
    ResolveAttention,
    HoldDelivery,
    ResumeDelivery,
    CheckIn,
    AgainCommand,
    DoneByHand,
    SubmitEvidence,
    NameBearer,
)
"""What staff send from the Web UI; each takes its JSON as it stands in a page."""
PAGES = sorted(path for path in texts() if path.startswith(f"{FOLDER}/"))


def parked_by_name() -> Iterator[str]:
    """Return what sagas park under a name of its own, that is in no table of steps."""
    for source in packages():
        for call, name in calls(source.tree):
            first = call.args[0] if call.args else None
            is_parking = name.rpartition(".")[2] in {"park", "Stuck"}
            if is_parking and isinstance(first, ast.Constant) and isinstance(first.value, str):
                yield first.value


def alarms() -> set[str]:
    """Return the name of everything that staff are told of."""
    return {
        *(step.name for step in STEPS),
        *(step.name for step in LATE_STEPS),
        *MONEY_STEPS,
        *RECOVERING_STEPS,
        *parked_by_name(),
        *map(str, AttentionKind),
        *OF_HOLDS,
        VERDICT_OVERDUE,
        TRAVELER_SILENT,
        DATABASE_AWAY,
        WEBHOOK_DEAD,
    }


def test_every_alarm_has_its_runbook_and_every_runbook_an_alarm() -> None:
    missing = {runbook_of(alarm) for alarm in alarms()} - set(PAGES)
    surplus = set(PAGES) - {runbook_of(alarm) for alarm in alarms()}
    require_none(missing, "Write these pages, with the parts of the other ones.")
    require_none(surplus, "Remove these pages: nothing in the code raises such an alarm.")


@pytest.mark.parametrize("path", PAGES, ids=lambda path: PurePosixPath(path).stem)
def test_a_runbook_has_its_parts_and_commands_that_can_be_pasted(path: str) -> None:
    text = texts()[path]
    assert text.startswith(f"# Runbook: `{PurePosixPath(path).stem}`\n")
    assert tuple(re.findall(r"^## (.+)$", text, re.MULTILINE)) == PARTS
    for block in FENCE.findall(text):
        if block.startswith("```json\n"):
            payload = json.loads(block[8:-4])
            assert any(is_taken(command, payload) for command in COMMANDS), payload


def is_taken(command: type[object], payload: dict[str, object]) -> bool:
    try:
        command(**payload)
    except TypeError:
        return False
    return True
