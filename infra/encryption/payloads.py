"""What enters a history is encrypted before it leaves the process, and read back after it arrives."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self
from uuid import UUID

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from infra.encryption.failures import SealedFailures
from infra.encryption.fields import OwnedKey
from infra.encryption.keys import (
    EncryptionTrouble,
    KeyDestroyed,
    NotAuthentic,
    bound,
    seal,
    unseal,
)

ENCODING = b"binary/encrypted"
"""Marks a payload of ours."""
KEY_ID = "key"
"""Metadata: the id of the key, as sixteen bytes."""
EMPTY = b"binary/null"
"""Nothing: it stays as it is, for there is nothing to hide and a history has many of them."""
NO_WORKFLOW = "-"
"""Owner of what the SDK encodes without saying for which workflow: the headers of a client."""
TIME_OF_RUN = re.compile(r"-\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ\Z")
"""What a schedule appends to the workflow id of each run. Source: Temporal, schedules."""
PLAIN = frozenset(
    {EMPTY, b"binary/plain", b"json/plain", b"json/protobuf", b"binary/protobuf"},
)
"""Encodings that were never encrypted: what operators send from the Web UI, what the server writes
itself, and histories that began before there was encryption."""


class UnknownEncoding(EncryptionTrouble):
    """A payload is neither plain nor encrypted by this platform."""


class OfAnotherWorkflow(EncryptionTrouble):
    """A payload was encrypted for another workflow than the one that it is in."""


@dataclass(frozen=True, slots=True)
class WorkflowKey:
    """The key of one workflow's payloads."""

    workflow_id: str
    key: OwnedKey


class PayloadKeys(Protocol):
    """Where the keys of workflows come from."""

    async def of_workflow(self, workflow_id: str) -> WorkflowKey:
        """Return the key of a workflow; it is made at the first question.

        Raises:
            KeyDestroyed: what the workflow is about was erased.
        """
        ...

    async def by_id(self, key_id: str) -> WorkflowKey:
        """Return a key with the workflow that it belongs to.

        Raises:
            KeyDestroyed: what the workflow is about was erased, or there never was such a key.
        """
        ...


class SealedPayloads(PayloadCodec, WithSerializationContext):
    """AES-256-GCM over whole payloads, with a key per delivery or other workflow.

    Each is bound to namespace, workflow and key: moved into another history it is refused.
    """

    def __init__(self, keys: PayloadKeys, namespace: str, workflow_id: str | None = None) -> None:
        """Take the keys; the workflow is that of the payloads at hand, and none where nobody knows."""
        self._keys, self._namespace, self._workflow_id = keys, namespace, workflow_id

    def with_context(self, context: SerializationContext) -> Self:
        """Return the codec of one workflow's payloads."""
        if isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
            return type(self)(self._keys, context.namespace, context.workflow_id)
        return self

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt each payload that says something.

        Raises:
            KeyDestroyed: what the workflow is about was erased.
        """
        return [await self._encoded(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Return the payloads as they were; plain ones are left as they are.

        Raises:
            UnknownEncoding: somebody else encoded one.
            OfAnotherWorkflow: one was encrypted for another workflow.
            NotAuthentic: one was changed.
            KeyDestroyed: what it is about was erased.
        """
        return [await self._decoded(payload) for payload in payloads]

    async def _encoded(self, payload: Payload) -> Payload:
        encoding = payload.metadata.get("encoding", b"")
        if encoding in {EMPTY, ENCODING}:
            return payload
        found = await self._keys.of_workflow(self._workflow_id or NO_WORKFLOW)
        key = found.key
        sealed = seal(
            key.key,
            payload.SerializeToString(),
            self._bound(found.workflow_id, key.key_id),
        )
        metadata = {"encoding": ENCODING, KEY_ID: UUID(key.key_id).bytes}
        return Payload(metadata=metadata, data=sealed)

    async def _decoded(self, payload: Payload) -> Payload:
        encoding = payload.metadata.get("encoding", b"")
        if encoding in PLAIN:
            return payload
        if encoding != ENCODING:
            raise UnknownEncoding(f"a payload has the unknown encoding {_shown(encoding)}")
        found = await self._keys.by_id(_key_id(payload))
        if not _belongs(found.workflow_id, self._workflow_id):
            raise OfAnotherWorkflow(f"a payload of {found.workflow_id} lies in {self._workflow_id}")
        plain = unseal(
            found.key.key, payload.data, self._bound(found.workflow_id, found.key.key_id)
        )
        try:
            return Payload.FromString(plain)
        except DecodeError as error:
            raise NotAuthentic("an encrypted payload holds no payload") from error

    def _bound(self, workflow_id: str, key_id: str) -> bytes:
        return bound("payload", self._namespace, workflow_id, key_id)


def encrypting_converter(keys: PayloadKeys, namespace: str) -> DataConverter:
    """Return the converter of every client and worker: what failures say is encrypted as well."""
    return DataConverter(
        payload_codec=SealedPayloads(keys, namespace),
        failure_converter_class=SealedFailures,
    )


def _belongs(owner: str, workflow_id: str | None) -> bool:
    """Tell whether a payload of one workflow id may lie in another.

    A schedule encrypts for the id that it was given; its runs append the time to it, and each is told
    the result of the run before. Who asks for no workflow in particular learns whose it is from the key.
    """
    anywhere = workflow_id is None or owner == NO_WORKFLOW
    return anywhere or _without_time(owner) == _without_time(str(workflow_id))


def _without_time(workflow_id: str) -> str:
    return TIME_OF_RUN.sub("", workflow_id)


def _key_id(payload: Payload) -> str:
    try:
        return str(UUID(bytes=payload.metadata.get(KEY_ID, b"")))
    except ValueError as error:
        raise NotAuthentic("an encrypted payload names no key") from error


def _shown(encoding: bytes) -> str:
    return repr(encoding[:40].decode("ascii", "replace"))


async def workflow_named(keys: PayloadKeys, payload: Payload) -> str:
    """Return the workflow that an encrypted payload belongs to, or `erased` when nobody knows any more.

    Raises:
        NotAuthentic: it names no key.
    """
    try:
        return (await keys.by_id(_key_id(payload))).workflow_id
    except KeyDestroyed:
        return "erased"
