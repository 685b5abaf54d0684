"""History is a budget: what a delivery costs, and that recorded histories still replay."""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from domain.contracts import CodePurpose
from domain.status import DeliveryStatus
from tests.workflows.play import Play
from workflows.delivery import DeliveryWorkflow
from workflows.dispute import DisputeWorkflow

EVENTS_MAX = 75
BYTES_MAX = 30_000
HISTORIES = sorted((Path(__file__).parent.parent / "histories").glob("*.json"))


@pytest.mark.parametrize("path", HISTORIES, ids=lambda path: path.stem)
async def test_a_recorded_history_replays(path: Path) -> None:
    history = _recorded(path)
    result = await Replayer(workflows=[DeliveryWorkflow, DisputeWorkflow]).replay_workflow(history)
    assert result.replay_failure is None


def _recorded(path: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(path.stem, path.read_text())


def test_histories_were_recorded() -> None:
    assert len(HISTORIES) >= 4, "record them with: make histories"


async def test_the_happy_path_stays_within_its_budget(play: Play) -> None:
    await play.held()
    await play.scan(CodePurpose.PICKUP)
    await play.arrive()
    await play.reach(DeliveryStatus.ARRIVED)
    await play.scan(CodePurpose.HANDOVER)
    await play.confirm()
    await play.closed()
    history = await play.handle.fetch_history()
    size = sum(event.ByteSize() for event in history.events)
    print(f"happy path: {len(history.events)} events, {size} bytes")  # noqa: T201
    assert len(history.events) <= EVENTS_MAX
    assert size <= BYTES_MAX
    assert all(
        event.event_type != EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED for event in history.events
    )
