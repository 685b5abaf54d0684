"""Payloads are read where they belong, by whoever holds their key, and nowhere else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import Payload
from temporalio.api.failure.v1 import Failure
from temporalio.converter import (
    ActivitySerializationContext,
    DataConverter,
    WorkflowSerializationContext,
)
from temporalio.exceptions import ApplicationError

from domain.errors import RefusalCode
from domain.ids import FORGETTING_ID, RECONCILIATION_ID, DeliveryId, delivery_workflow_id
from infra.encryption.keys import KeyDestroyed, NotAuthentic
from infra.encryption.owned import KeyOwner, OwnedKeys, shred
from infra.encryption.payloads import (
    ENCODING,
    OfAnotherWorkflow,
    UnknownEncoding,
    encrypting_converter,
)
from infra.encryption.rings import HeldKeys, with_new_key
from infra.encryption.workflow_keys import DatabasePayloadKeys, owner_of_workflow
from infra.identifiers import new_id
from tests.keys import ENCRYPTION, RING

SAID = {"reason": "she lives at Gran Via 1"}


@dataclass
class Codec:
    """One process's way to encrypt."""

    converter: DataConverter

    def within(self, workflow_id: str, namespace: str = "default") -> DataConverter:
        return self.converter.with_context(WorkflowSerializationContext(namespace, workflow_id))


@pytest.fixture
def codec(engine: AsyncEngine) -> Codec:
    return codec_of(engine, ENCRYPTION.keys)


def codec_of(engine: AsyncEngine, keys: OwnedKeys, remembered_s: float = 300.0) -> Codec:
    payload_keys = DatabasePayloadKeys(engine, keys, remembered_s)
    return Codec(encrypting_converter(payload_keys, "default"))


def a_delivery() -> str:
    return delivery_workflow_id(DeliveryId(new_id()))


async def test_a_payload_comes_back_and_says_nothing(codec: Codec) -> None:
    mine = codec.within(a_delivery())
    [payload] = await mine.encode([SAID])
    assert payload.metadata["encoding"] == ENCODING
    assert b"Gran Via" not in payload.SerializeToString()
    assert await mine.decode([payload]) == [SAID]
    assert await codec.converter.decode([payload]) == [SAID], "the key says whose it is"


async def test_an_activity_reads_what_its_workflow_wrote(codec: Codec) -> None:
    workflow_id = a_delivery()
    [payload] = await codec.within(workflow_id).encode([SAID])
    context = ActivitySerializationContext(
        "default", "1", "hold_funds", "payments", workflow_id, "delivery", is_local=False
    )
    assert await codec.converter.with_context(context).decode([payload]) == [SAID]


async def test_a_payload_in_another_history_is_refused(codec: Codec) -> None:
    workflow_id = a_delivery()
    [payload] = await codec.within(workflow_id).encode([SAID])
    with pytest.raises(OfAnotherWorkflow, match=workflow_id):
        await codec.within(a_delivery()).decode([payload])
    with pytest.raises(NotAuthentic):
        await codec.within(workflow_id, namespace="other").decode([payload])


async def test_a_payload_under_the_key_of_another_or_changed_is_refused(codec: Codec) -> None:
    mine, other = codec.within(a_delivery()), codec.within(a_delivery())
    [payload], [foreign] = await mine.encode([SAID]), await other.encode([SAID])
    changed = Payload(metadata=payload.metadata, data=payload.data[:-1] + b"\0")
    swapped = Payload(metadata=payload.metadata, data=foreign.data)
    nameless = Payload(metadata={"encoding": ENCODING}, data=payload.data)
    for forged in (changed, swapped, nameless):
        with pytest.raises(NotAuthentic):
            await mine.decode([forged])


async def test_what_a_schedule_encrypted_is_read_by_its_runs(codec: Codec) -> None:
    [payload] = await codec.within(RECONCILIATION_ID).encode([SAID])
    run = codec.within(f"{RECONCILIATION_ID}-2026-11-22T10:17:00Z")
    assert await run.decode([payload]) == [SAID]


async def test_a_run_reads_the_result_of_the_run_before_and_of_no_other_schedule(
    codec: Codec,
) -> None:
    [result] = await codec.within(f"{RECONCILIATION_ID}-2026-11-22T10:17:00Z").encode([SAID])
    following = "2026-11-22T11:17:00Z"
    assert await codec.within(f"{RECONCILIATION_ID}-{following}").decode([result]) == [SAID]
    for other in (f"{FORGETTING_ID}-{following}", f"{RECONCILIATION_ID}-by-hand"):
        with pytest.raises(OfAnotherWorkflow):
            await codec.within(other).decode([result])


async def test_what_was_never_encrypted_is_read_as_it_is(codec: Codec) -> None:
    mine = codec.within(a_delivery())
    plain = await DataConverter.default.encode([SAID, None])
    assert await mine.decode(plain) == [SAID, None]
    assert await mine.encode([None]) == await DataConverter.default.encode([None])


@pytest.mark.parametrize("encoding", [b"binary/zlib", b"", b"binary/encrypted2"])
async def test_an_unknown_encoding_is_refused_by_name(codec: Codec, encoding: bytes) -> None:
    foreign = Payload(metadata={"encoding": encoding}, data=b"{}")
    with pytest.raises(UnknownEncoding, match=repr(encoding.decode())):
        await codec.within(a_delivery()).decode([foreign])


async def test_a_header_that_belongs_to_no_workflow_is_encrypted_and_read(codec: Codec) -> None:
    [payload] = await codec.converter.encode([SAID])
    assert payload.metadata["encoding"] == ENCODING
    assert await codec.within(a_delivery()).decode([payload]) == [SAID]


async def test_after_a_rotation_old_payloads_are_read_and_old_keys_used(
    engine: AsyncEngine, codec: Codec
) -> None:
    workflow_id = a_delivery()
    [before] = await codec.within(workflow_id).encode([SAID])
    rotated = codec_of(engine, OwnedKeys(HeldKeys(with_new_key(RING)))).within(workflow_id)
    assert await rotated.decode([before]) == [SAID]
    assert await codec.within(workflow_id).decode(await rotated.encode([SAID])) == [SAID]


async def test_a_history_cannot_be_read_once_its_key_is_destroyed(engine: AsyncEngine) -> None:
    workflow_id, moment = a_delivery(), 0.0
    keys = DatabasePayloadKeys(engine, ENCRYPTION.keys, 60.0, clock=lambda: moment)
    worker = Codec(encrypting_converter(keys, "default")).within(workflow_id)
    server = codec_of(engine, ENCRYPTION.keys, remembered_s=0.0).within(workflow_id)
    [payload] = await worker.encode([SAID])
    assert await server.decode([payload]) == [SAID]
    async with engine.begin() as connection:
        assert await shred(connection, owner_of_workflow(workflow_id)) == 1
    with pytest.raises(KeyDestroyed):
        await server.decode([payload])
    assert await worker.decode([payload]) == [SAID], "a process remembers keys for a while"
    moment = 61.0
    with pytest.raises(KeyDestroyed):
        await worker.decode([payload])
    with pytest.raises(KeyDestroyed):
        await worker.encode([SAID])


async def test_the_key_of_a_person_reads_no_payload(engine: AsyncEngine, codec: Codec) -> None:
    async with engine.begin() as connection:
        key = await ENCRYPTION.keys.made_for(connection, KeyOwner.person(new_id()))
    keys = DatabasePayloadKeys(engine, ENCRYPTION.keys)
    with pytest.raises(KeyDestroyed, match="of no workflow"):
        await keys.by_id(key.key_id)
    with pytest.raises(KeyDestroyed, match="there is no key"):
        await keys.by_id(new_id())


async def test_failures_say_nothing_but_why_a_command_is_refused(codec: Codec) -> None:
    mine = codec.within(a_delivery())
    for error, shown in (
        (ValueError("Ada lives at Gran Via 1"), "Encoded failure"),
        (ApplicationError("Say why.", type=RefusalCode.REASON_MISSING), "Say why."),
    ):
        failure = Failure()
        await mine.encode_failure(error, failure)
        assert failure.message == shown
        assert b"Gran Via" not in failure.SerializeToString()
        assert str(await mine.decode_failure(failure)).endswith(str(error))
