"""What a delivery leaves in its history can be read with the key only, by the worker or an operator."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterator
from typing import Any

from temporalio.client import Client, WorkflowHistory

from domain.ids import delivery_workflow_id
from domain.policies import VerdictOutcome
from domain.status import DeliveryStatus
from domain.visibility import TaskQueue
from infra.encryption.payloads import EMPTY, ENCODING
from tests.workflows.play import Play
from workflows.delivery import DeliveryWorkflow

WRITTEN_BY_THE_SDK = (
    "data",
    "patch-data",
    "searchAttributes",
    "indexedFields",
    "changeId",
    "version",
)
"""Markers of the SDK about its own working, and search attributes, which hold ids and enums only."""


def payloads(value: Any) -> Iterator[dict[str, Any]]:
    """Return every payload of a history that a person's words could be in."""
    if isinstance(value, dict):
        if "encoding" in value.get("metadata", {}):
            yield value
        for name, inner in value.items():
            if name not in WRITTEN_BY_THE_SDK:
                yield from payloads(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from payloads(inner)


def encodings(history: WorkflowHistory) -> set[str]:
    return {payload["metadata"]["encoding"] for payload in payloads(history.to_json_dict())}


def base64_of(text: bytes) -> str:
    return b64encode(text).decode()


async def test_histories_hold_nothing_that_can_be_read_without_the_key(play: Play) -> None:
    await play.delivered()
    await play.dispute()
    await play.decide(VerdictOutcome.RELEASE)
    assert await play.closed() is DeliveryStatus.COMPLETED
    for handle in (play.handle, await play.dispute_handle()):
        history = await handle.fetch_history()
        assert encodings(history) <= {base64_of(ENCODING), base64_of(EMPTY)}
        assert "seen the photos" not in history.to_json()
        assert "pm_sandbox_ok" not in history.to_json()


async def test_a_delivery_that_began_before_there_was_encryption_goes_on(play: Play) -> None:
    address = play.environment.client.service_client.config.target_host
    plain = await Client.connect(address)
    delivery_id = play.order.delivery_id
    began = await plain.start_workflow(
        DeliveryWorkflow.run,
        play.order,
        id=delivery_workflow_id(delivery_id),
        task_queue=TaskQueue.SAGAS,
    )
    await play.open()
    await play.submit()
    await play.cancel()
    assert await play.closed() is DeliveryStatus.CANCELLED
    assert encodings(await began.fetch_history()) > {base64_of(ENCODING)}
