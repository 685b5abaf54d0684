"""Documents say what the code does: links, paths, commands, settings and the state diagram."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import PurePosixPath

import pytest

from domain.contracts import DeliveryOrder
from domain.ids import DeliveryId, PersonId
from domain.status import CLOSED, DeliveryStatus
from infra.cli.arguments import parser
from infra.settings import Settings
from tests.house.documents import (
    OUR_PATH,
    SPAN,
    anchors,
    commands,
    documents,
    is_there,
    links,
    state_diagram,
)
from tests.house.source import ROOT, require_none, texts
from workflows.delivery import DeliveryWorkflow

README = "README.md"
SETTINGS = "docs/settings.md"
DECISION_WORDS_MAX = 400
DECISIONS = sorted(path for path in texts() if path.startswith("docs/adr/0"))
VARIABLE = re.compile(r"\bSENDALONG_[A-Z_]+\b")
OF_THE_STACK = {
    "SENDALONG_DATA",
    "SENDALONG_DATABASE_PASSWORD",
    "SENDALONG_APPLICATION_PASSWORD",
}
"""Variables that are no settings: the folder of the local stack, a password of Docker Compose."""


def broken_links(path: str, text: str) -> Iterator[str]:
    for target in links(text):
        file, _, anchor = target.partition("#")
        linked = (ROOT / PurePosixPath(path).parent / file).resolve() if file else ROOT / path
        known = anchors(linked.read_text("utf-8")) if anchor and linked.is_file() else {anchor}
        if not linked.exists() or anchor not in known:
            yield f"{path}: {target}"


def test_links_lead_somewhere() -> None:
    require_none(
        (link for path, text in documents().items() for link in broken_links(path, text)),
        "Correct these links: the file or the heading is not there.",
    )


def test_paths_and_tests_that_documents_name_exist() -> None:
    require_none(
        (
            f"{path}: {reference}"
            for path, text in documents().items()
            for span in SPAN.findall(text)
            for reference in OUR_PATH.findall(span)
            if not is_there(reference)
        ),
        "Correct these: no such file or test is in the repository.",
    )


def test_commands_that_documents_name_exist() -> None:
    targets = set(re.findall(r"^([a-z-]+):", texts()["Makefile"], re.MULTILINE))
    (subcommands,) = (
        action.choices
        for action in parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    named = (
        (path, program, argument)
        for path, text in documents().items()
        for line in commands(text)
        for program, argument in re.findall(r"\b(make|sendalong) ([a-z-]+)", line)
    )
    require_none(
        (
            f"{path}: {program} {argument}"
            for path, program, argument in named
            if argument not in (targets if program == "make" else subcommands)
        ),
        "Correct these: neither the Makefile nor the command line knows them.",
    )


def test_the_state_diagram_is_the_table_of_moves() -> None:
    assert state_diagram() in texts()[README], (
        f"Paste the moves of domain.status into {README}:\n{state_diagram()}"
    )


def test_every_setting_is_explained_and_no_other() -> None:
    known = {
        str(field.validation_alias or f"SENDALONG_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }
    explained = set(re.findall(r"^\| `([A-Z_]+)` \|", texts()[SETTINGS], re.MULTILINE))
    mentioned = {name for text in documents().values() for name in VARIABLE.findall(text)}
    require_none(known - explained, f"Add these to the tables of {SETTINGS}.")
    require_none(mentioned - known - OF_THE_STACK, "Correct these: no setting has this name.")


def test_every_open_status_has_a_stage() -> None:
    anybody = PersonId("anybody")
    order = DeliveryOrder(
        delivery_id=DeliveryId("delivery"),
        customer_id=anybody,
        sender_id=anybody,
        recipient_id=None,
        currency="EUR",
        request_expires_at=datetime(2026, 10, 7, tzinfo=UTC),
        pickup_by=None,
        deliver_by=None,
    )
    stages = set(DeliveryWorkflow(order)._stages())
    missing, surplus = set(DeliveryStatus) - CLOSED - stages, stages & CLOSED
    require_none(missing, "Give each of these a stage in workflows/delivery.py.")
    require_none(
        surplus, "Take these out of workflows/delivery.py: a closed delivery has no stage."
    )


def test_decisions_are_numbered_without_gaps() -> None:
    numbers = [int(PurePosixPath(path).name[:4]) for path in DECISIONS]
    assert numbers == list(range(1, len(DECISIONS) + 1)), "Number the decisions from 0001 on."


@pytest.mark.parametrize("path", DECISIONS, ids=lambda path: PurePosixPath(path).stem)
def test_a_decision_is_short_and_has_its_parts(path: str) -> None:
    text = texts()[path]
    count = len(text.split())
    assert count <= DECISION_WORDS_MAX, f"{path} has {count} words: cut it to {DECISION_WORDS_MAX}."
    headings = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert headings == ["Context", "Decision", "Consequences"], f"{path} needs these three parts."
