"""The guide to the Web UI names every action with data that can be pasted, and every page there is."""

from __future__ import annotations

import json
import re

import pytest
from temporalio.converter import value_to_type

from domain.runbooks import FOLDER
from domain.visibility import Attribute
from tests.house.source import ROOT, texts
from tests.workflows.test_plain_commands import STAFF_UPDATES
from workflows.chargeback import ChargebackWorkflow
from workflows.correction import CorrectionWorkflow
from workflows.delivery import DeliveryWorkflow
from workflows.undone import UndoneWorkflow

GUIDE = texts()["docs/operating.md"]
PICTURES = ROOT / "docs" / "screenshots"
PICTURE_BYTES_MAX = 200_000
OF_TEMPORAL = {"ExecutionStatus", "WorkflowType", "WorkflowId"}
PAGES = {
    "a delivery": DeliveryWorkflow,
    "a correction": CorrectionWorkflow,
    "a chargeback": ChargebackWorkflow,
    "what came undone": UndoneWorkflow,
}


def section(title: str) -> str:
    return GUIDE.split(f"\n## {title}\n")[1].split("\n## ")[0]


def rows(title: str) -> list[list[str]]:
    found = re.findall(r"^\| (.*) \|$", section(title), re.MULTILINE)
    return [row.split(" | ") for row in found[1:]]


ACTIONS = [
    (PAGES[page], name.strip("`"), json.loads(payload.strip("`")))
    for page, name, payload, _ in rows("Every action")
]


@pytest.mark.parametrize(("saga", "name", "payload"), ACTIONS)
def test_what_an_action_takes_can_be_pasted(
    saga: type[object], name: str, payload: dict[str, object]
) -> None:
    (argument,) = getattr(saga, name)._defn.arg_types
    command = value_to_type(argument, payload)
    taken = {key: getattr(command, key) for key in payload}
    assert taken == {key: value_to_type(type(taken[key]), said) for key, said in payload.items()}


def test_every_action_of_staff_is_in_the_table() -> None:
    told = {(saga, name) for saga, name, _ in ACTIONS}
    assert told == {(saga, name) for saga, names in STAFF_UPDATES.items() for name in names}


def test_views_ask_for_what_there_is() -> None:
    asked = {
        name
        for _, query in rows("Saved views")
        for name in re.findall(r"(\w+) (?:=|<|>|IN)", query)
    }
    assert asked <= {*map(str, Attribute), *OF_TEMPORAL}
    assert {"NeedsAttention", "OnHold", "NextDeadline"} <= asked


def test_every_runbook_is_linked() -> None:
    pages = {path.rpartition("/")[2] for path in texts() if path.startswith(f"{FOLDER}/")}
    assert set(re.findall(r"\(runbooks/([^)]+)\)", section("Runbooks"))) == pages


def test_pictures_are_shown_and_small() -> None:
    guides = GUIDE + texts()["docs/encryption.md"]
    shown = set(re.findall(r"\(screenshots/([^)]+)\)", guides))
    taken = {path.name: path.stat().st_size for path in PICTURES.glob("*.png")}
    assert shown == set(taken)
    assert max(taken.values()) < PICTURE_BYTES_MAX
