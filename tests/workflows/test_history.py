"""Recorded histories still replay on the present workflows."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from tests.histories.record import KEPT
from workflows.every import WORKFLOWS

EVENTS_MAX = 2_000
"""Events of the longest way through a saga; the engine warns at five times as many."""
HISTORIES = sorted((Path(__file__).parent.parent / "histories").glob("*.json"))


@pytest.fixture(scope="module")
async def failures() -> Mapping[str, Exception | None]:
    """Replay all histories on one replayer, whose making takes longer than most replays."""

    async def recorded() -> AsyncIterator[WorkflowHistory]:
        for path in HISTORIES:
            yield WorkflowHistory.from_json(path.stem, path.read_text())

    replayer = Replayer(workflows=WORKFLOWS)
    async with replayer.workflow_replay_iterator(recorded()) as results:
        return {each.history.workflow_id: each.replay_failure async for each in results}


@pytest.mark.parametrize("name", [path.stem for path in HISTORIES])
def test_a_recorded_history_replays(failures: Mapping[str, Exception | None], name: str) -> None:
    assert failures[name] is None


def test_no_exit_takes_more_events_than_an_engine_carries_easily() -> None:
    lengths = {path.stem: len(json.loads(path.read_text())["events"]) for path in HISTORIES}
    assert max(lengths.values()) <= EVENTS_MAX, lengths


@pytest.mark.parametrize("name", KEPT)
def test_every_exit_has_a_history(name: str) -> None:
    kept = {path.stem for path in HISTORIES}
    assert f"delivery-{name}" in kept, "record it with: make histories"
