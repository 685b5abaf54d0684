from __future__ import annotations

import asyncio
import sys
from base64 import b64encode
from collections.abc import AsyncIterator
from functools import partial
from os import getpid
from pathlib import Path

import pytest
from temporalio import activity, workflow
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

from domain.visibility import ATTRIBUTE_TYPES, Attribute, TaskQueue
from infra.local_stack.ports import free_ports
from infra.local_stack.programs import temporal_binary
from infra.polling import polling
from infra.settings import Settings, load_settings
from infra.temporal import (
    AttributeHasOtherType,
    connect,
    connection_profile,
    is_external,
    is_polling,
    is_serving,
    prepare_namespace,
    worker_identities,
)
from tests.waiting import until

VARIABLES = (
    "TEMPORAL_ADDRESS",
    "TEMPORAL_NAMESPACE",
    "TEMPORAL_PROFILE",
    "TEMPORAL_CONFIG_FILE",
)


@pytest.fixture(autouse=True)
def _bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def settings(**values: str) -> Settings:
    key = b64encode(bytes(32)).decode()
    return load_settings(database_url="postgresql://localhost/x", handover_key=key, **values)


@pytest.fixture(scope="module")
async def address() -> AsyncIterator[str]:
    """Address of a plain server, without any attribute of ours."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_binary(), dev_server_log_level="error"
    ) as environment:
        yield environment.client.service_client.config.target_host


async def client_of(address: str, namespace: str = "default") -> Client:
    return await connect(settings(temporal_address=address, temporal_namespace=namespace))


async def attributes(client: Client) -> dict[str, str]:
    listing = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    return {
        name: IndexedValueType.Name(kind).removeprefix("INDEXED_VALUE_TYPE_")
        for name, kind in listing.custom_attributes.items()
    }


async def test_a_namespace_is_prepared_once_and_stays_prepared(address: str) -> None:
    client = await client_of(address, "orders")
    await prepare_namespace(client)
    wanted = {str(name): kind.upper() for name, kind in ATTRIBUTE_TYPES.items()}
    assert await attributes(client) == wanted
    await prepare_namespace(client)
    assert (await client.count_workflows("DeliveryStatus = 'requested'")).count == 0


async def test_an_attribute_of_another_type_is_not_taken_over(address: str) -> None:
    client = await client_of(address)
    clash = {str(Attribute.AMOUNT_MINOR): IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD}
    await client.operator_service.add_search_attributes(
        AddSearchAttributesRequest(namespace="default", search_attributes=clash)
    )
    with pytest.raises(AttributeHasOtherType, match=r"AmountMinor exists as .*KEYWORD"):
        await prepare_namespace(client)


@workflow.defn(sandboxed=False)
class Idle:
    """A workflow that is never started."""

    @workflow.run
    async def run(self) -> None:
        """Do nothing."""


@activity.defn
async def rest() -> None:
    """Do nothing."""


async def test_a_worker_counts_once_it_polls_every_queue(address: str) -> None:
    client = await client_of(address)
    assert await worker_identities(client, TaskQueue.SAGAS) == frozenset()
    async with polling(
        Worker(client, task_queue=TaskQueue.SAGAS, workflows=[Idle]),
        Worker(client, task_queue=TaskQueue.PAYMENTS, activities=[rest]),
    ):

        async def polls_sagas() -> bool:
            found = await worker_identities(client, TaskQueue.SAGAS)
            return any(identity.startswith(f"{getpid()}@") for identity in found)

        await until(polls_sagas)
        assert not await is_polling(client, getpid())
        async with polling(
            Worker(client, task_queue=TaskQueue.NOTIFICATIONS, activities=[rest]),
            Worker(client, task_queue=TaskQueue.WEBHOOKS, activities=[rest]),
            Worker(client, task_queue=TaskQueue.RECONCILIATION, activities=[rest]),
            Worker(client, task_queue=TaskQueue.ROBO, activities=[rest]),
        ):
            await until(partial(is_polling, client, getpid()))
            assert not await is_polling(client, getpid() + 1)


async def test_the_commands_of_the_containers(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://localhost/x")
    monkeypatch.setenv("SENDALONG_HANDOVER_KEY", b64encode(bytes(32)).decode())
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "container")
    assert await run_module("prepare") == 0
    assert set(await attributes(await client_of(address, "container"))) == set(ATTRIBUTE_TYPES)
    assert await run_module("check-worker") == 1, "no worker runs"


async def run_module(command: str) -> int:
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "infra.temporal", command)
    return await process.wait()


async def test_a_server_that_is_down_is_told_from_one_that_serves(address: str) -> None:
    assert await is_serving(await client_of(address))
    nobody = f"127.0.0.1:{free_ports().temporal}"
    lazy = await connect(settings(temporal_address=nobody), lazy=True)
    assert not await is_serving(lazy)


def test_without_anything_said_it_is_the_local_server() -> None:
    assert connection_profile(settings()) == {
        "target_host": "127.0.0.1:7233",
        "namespace": "default",
    }


def test_a_named_profile_chooses_the_server_and_an_explicit_address_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "temporal.toml"
    file.write_text('[profile.default]\naddress = "temporal.example:7233"\nnamespace = "orders"\n')
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(file))
    assert connection_profile(settings()) == {
        "target_host": "temporal.example:7233",
        "namespace": "orders",
    }
    monkeypatch.setenv("TEMPORAL_ADDRESS", "other.example:7233")
    assert connection_profile(settings())["target_host"] == "other.example:7233"


def test_the_environment_says_whether_temporal_is_a_server_of_its_own() -> None:
    assert not is_external({"TEMPORAL_ADDRESS": ""})
    assert is_external({"TEMPORAL_ADDRESS": "127.0.0.1:7233"})
    assert is_external({"TEMPORAL_PROFILE": "production"})
