"""What can be read in the histories of workflows, for whoever has the keys that are still there."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from google.protobuf.json_format import MessageToDict
from google.protobuf.message import Message
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload
from temporalio.testing import WorkflowEnvironment

from infra.encryption.keys import KeyDestroyed
from infra.encryption.payloads import SealedPayloads
from infra.encryption.workflow_keys import DatabasePayloadKeys
from tests.keys import ENCRYPTION

GONE = "[its key was destroyed]"


async def everything_readable(
    temporal: WorkflowEnvironment, engine: AsyncEngine, workflow_ids: Sequence[str]
) -> dict[str, str]:
    """Return all that the histories of workflows say, by workflow: names, texts and decoded payloads."""
    # Nothing is remembered: a key that was destroyed a moment ago opens nothing.
    keys = DatabasePayloadKeys(engine, ENCRYPTION.keys, remembered_s=0)
    codec = SealedPayloads(keys, temporal.client.namespace)
    said: dict[str, str] = {}
    for workflow_id in workflow_ids:
        history = await temporal.client.get_workflow_handle(workflow_id).fetch_history()
        texts = [json.dumps(history.to_json_dict())]
        for event in history.events:
            texts += [await _read(codec, payload) for payload in _payloads_in(event)]
        said[workflow_id] = "\n".join(texts)
    return said


async def _read(codec: SealedPayloads, payload: Payload) -> str:
    try:
        (plain,) = await codec.decode([payload])
    except KeyDestroyed:
        return GONE
    shown: dict[str, Any] = MessageToDict(plain)
    return f"{plain.data.decode('utf-8', 'replace')} {shown.get('metadata')}"


def _payloads_in(message: Message) -> Iterator[Payload]:
    if isinstance(message, Payload):
        yield message
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        if field.message_type.GetOptions().map_entry:
            parts = [each for each in value.values() if isinstance(each, Message)]
        else:
            parts = [value] if isinstance(value, Message) else list(value)
        for part in parts:
            yield from _payloads_in(part)
