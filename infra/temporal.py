"""The way to Temporal: client, namespace, search attributes, health and who polls which queue.

In a container `python -m infra.temporal prepare` makes the namespace ready, and
`python -m infra.temporal check-worker` tells by its exit code whether the worker beside it works.
"""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

from temporalio.api.enums.v1 import IndexedValueType, TaskQueueType
from temporalio.api.operatorservice.v1 import (
    AddSearchAttributesRequest,
    ListSearchAttributesRequest,
)
from temporalio.api.taskqueue.v1 import TaskQueue as TaskQueueName
from temporalio.api.workflowservice.v1 import (
    DescribeNamespaceRequest,
    DescribeTaskQueueRequest,
    RegisterNamespaceRequest,
)
from temporalio.client import Client
from temporalio.common import HeaderCodecBehavior
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConfigProfile, ClientConnectConfig
from temporalio.service import RPCError, RPCStatusCode

from domain.visibility import ATTRIBUTE_TYPES, TaskQueue
from infra.encryption.payloads import PayloadKeys, encrypting_converter
from infra.leaving import leave
from infra.settings import Settings, load_settings

CONNECT_S_MAX = 10
"""A front end that does not answer in this time counts as down."""
HEALTH_S_MAX = 2
"""Longest wait of one health check: a probe asks again soon."""
PREPARE_S_MAX = 60
"""Longest wait until a new namespace or search attribute is known everywhere: caches last 10 s."""
RETENTION = timedelta(days=30)
"""How long a new namespace keeps closed workflows: a month of looking back in the Web UI."""
PROFILE_VARIABLES = ("TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE")
"""Name a profile of the Temporal client configuration; without one no file is read."""
CONTAINER_PROCESS_ID = 1
"""Process id of the one program of a container."""

POLLED_FOR: Mapping[TaskQueue, TaskQueueType.ValueType] = {
    TaskQueue.SAGAS: TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    TaskQueue.PAYMENTS: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    TaskQueue.NOTIFICATIONS: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    TaskQueue.WEBHOOKS: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    TaskQueue.RECONCILIATION: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
    TaskQueue.ROBO: TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY,
}
"""The kind of task that a working worker asks each queue for."""


class AttributeHasOtherType(Exception):
    """The namespace knows a search attribute under another type; it must be removed by hand."""


def is_external(environment: Mapping[str, str]) -> bool:
    """Tell whether the environment names a Temporal server of its own."""
    return any(environment.get(name) for name in ("TEMPORAL_ADDRESS", *PROFILE_VARIABLES))


def connection_profile(settings: Settings) -> ClientConnectConfig:
    """Return how to connect: explicit settings first, then the named profile, then the defaults.

    A configuration file is read only when a variable names it: the file in a person's home may
    point at a server that has nothing to do with this project.
    """
    named = any(os.environ.get(name) for name in PROFILE_VARIABLES)
    profile = ClientConfigProfile.load(disable_file=not named).to_client_connect_config()
    explicit = settings.model_fields_set
    if "temporal_address" in explicit or "target_host" not in profile:
        profile["target_host"] = settings.temporal_address
    if "temporal_namespace" in explicit or "namespace" not in profile:
        profile["namespace"] = settings.temporal_namespace
    return profile


async def connect(
    settings: Settings, keys: PayloadKeys | None = None, *, lazy: bool = False
) -> Client:
    """Connect to Temporal; a lazy client connects at its first call.

    Without keys a client can look at the server, and read or write no payload of ours.

    Raises:
        RuntimeError: the front end does not answer.
    """
    profile = connection_profile(settings)
    converter = DataConverter.default
    if keys is not None:
        converter = encrypting_converter(keys, profile.get("namespace", "default"))
    return await Client.connect(
        **profile,
        data_converter=converter,
        # Headers are looked after as payloads are.
        header_codec_behavior=HeaderCodecBehavior.CODEC,
        lazy=lazy,
        connect_timeout=timedelta(seconds=CONNECT_S_MAX),
    )


async def is_serving(client: Client) -> bool:
    """Tell whether the front end answers and serves."""
    try:
        return await client.service_client.check_health(timeout=timedelta(seconds=HEALTH_S_MAX))
    except (RPCError, RuntimeError):
        return False


async def prepare_namespace(client: Client) -> None:
    """Make sure that the namespace and every search attribute exist and can be used.

    Raises:
        AttributeHasOtherType: an attribute of that name has another type.
        RPCError: the server refuses, or they were not usable in time.
    Idempotency: what exists is left as it is.
    """
    await _create_namespace_if_absent(client)
    await _retry_while_unknown(lambda: _add_missing_attributes(client))
    await _retry_while_unknown(lambda: _use_attributes(client))


async def worker_identities(client: Client, queue: TaskQueue) -> frozenset[str]:
    """Return the identities of the workers that lately asked a queue for work."""
    description = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueueName(name=queue),
            task_queue_type=POLLED_FOR[queue],
        )
    )
    return frozenset(poller.identity for poller in description.pollers)


async def is_polling(client: Client, process_id: int) -> bool:
    """Tell whether the worker with this process id on this machine asks every queue for work.

    A dead worker stays listed for minutes, so that the presence of any worker proves nothing.
    """
    identity = f"{process_id}@{socket.gethostname()}"
    for queue in TaskQueue:
        if identity not in await worker_identities(client, queue):
            return False
    return True


async def _create_namespace_if_absent(client: Client) -> None:
    request = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        await client.workflow_service.describe_namespace(request)
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        creation = RegisterNamespaceRequest(namespace=client.namespace)
        creation.workflow_execution_retention_period.FromTimedelta(RETENTION)
        await client.workflow_service.register_namespace(creation)


async def _add_missing_attributes(client: Client) -> None:
    listing = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace)
    )
    known = dict(listing.custom_attributes)
    wanted = {
        str(name): IndexedValueType.Value(f"INDEXED_VALUE_TYPE_{kind.upper()}")
        for name, kind in ATTRIBUTE_TYPES.items()
    }
    for name, kind in wanted.items():
        if known.get(name, kind) != kind:
            other = IndexedValueType.Name(known[name])
            raise AttributeHasOtherType(f"search attribute {name} exists as {other}")
    missing = {name: kind for name, kind in wanted.items() if name not in known}
    if missing:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing)
        )


async def _use_attributes(client: Client) -> None:
    """Search by every attribute: a server that does not know one yet refuses the query."""
    await client.count_workflows(" AND ".join(f"{name} IS NULL" for name in ATTRIBUTE_TYPES))


async def _retry_while_unknown(call: Callable[[], Awaitable[None]]) -> None:
    passing = {
        RPCStatusCode.NOT_FOUND,
        RPCStatusCode.INVALID_ARGUMENT,
        RPCStatusCode.UNAVAILABLE,
    }
    deadline = time.monotonic() + PREPARE_S_MAX
    while True:
        try:
            return await call()
        except RPCError as error:
            if error.status not in passing or time.monotonic() > deadline:
                raise
        await asyncio.sleep(0.2)


async def _prepare() -> int:
    await prepare_namespace(await connect(load_settings()))
    return 0


async def _check_worker() -> int:
    client = await connect(load_settings())
    return 0 if await is_polling(client, CONTAINER_PROCESS_ID) else 1


if __name__ == "__main__":
    commands = {"prepare": _prepare, "check-worker": _check_worker}
    leave(asyncio.run(commands[sys.argv[1]]()))
