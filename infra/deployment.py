"""Which build of the workers does the work: builds of one deployment, of which one is the current.

A versioned worker gets tasks only once its build was made the current one. Whoever starts workers
therefore calls `take_over`, so that no installation can wait for a build that nobody made current.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from temporalio.api.enums.v1 import WorkerDeploymentVersionStatus
from temporalio.api.workflowservice.v1 import (
    DescribeWorkerDeploymentRequest,
    DescribeWorkerDeploymentResponse,
    SetWorkerDeploymentCurrentVersionRequest,
)
from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkerDeploymentConfig

from infra.settings import Settings

logger = logging.getLogger(__name__)

DEPLOYMENT = "sendalong"
"""Name of the one deployment; all workers of one process belong to the same build of it."""
UNVERSIONED = ""
"""In place of a build: workers that do not take part in versioning."""
FINGERPRINT_CHARACTERS = 12
CALL_S_MAX = 10
"""Longest wait for one answer of the server."""
TAKE_OVER_S_MAX = 60
"""Longest time to make a build the current one: a server that has just started needs a moment."""
PAUSE_S = 0.2

_ROOT = Path(__file__).resolve().parents[1]
SOURCES = ("worker.py", "domain", "workflows", "activities", "infra")
"""What a worker runs."""
_PASSING = frozenset(
    {
        RPCStatusCode.ABORTED,
        RPCStatusCode.DEADLINE_EXCEEDED,
        RPCStatusCode.FAILED_PRECONDITION,
        RPCStatusCode.RESOURCE_EXHAUSTED,
        RPCStatusCode.UNAVAILABLE,
    }
)
"""Refusals that another try may overcome."""


class BuildIsUnknown(Exception):
    """No worker of this build has ever asked for work."""


@dataclass(frozen=True, slots=True)
class Build:
    """One build that the server knows."""

    build_id: str
    status: str
    """`current`, `draining` while pinned workflows still run on it, `drained`, or `inactive`."""
    since: datetime | None
    """When it was last made the current one."""


@cache
def source_fingerprint() -> str:
    """Return a short text that changes with every change of what a worker runs."""
    digest = hashlib.sha256()
    for file in _source_files():
        digest.update(file.relative_to(_ROOT).as_posix().encode() + b"\0")
        digest.update(file.read_bytes() + b"\0")
    return digest.hexdigest()[:FINGERPRINT_CHARACTERS]


def build_of(settings: Settings) -> str:
    """Return the build that these settings run: the named one, else the fingerprint of the source."""
    return settings.build_id or source_fingerprint()


def deployment_config(settings: Settings) -> WorkerDeploymentConfig:
    """Return how a worker presents itself.

    Workflows move to the current build by themselves unless their class says that they are pinned.
    """
    is_versioned = settings.worker_versioning != "off"
    return WorkerDeploymentConfig(
        version=WorkerDeploymentVersion(DEPLOYMENT, build_of(settings)),
        use_worker_versioning=is_versioned,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE
        if is_versioned
        else VersioningBehavior.UNSPECIFIED,
    )


async def take_over(client: Client, settings: Settings) -> None:
    """Make sure that somebody gets the tasks: this build, or the one that was made current before.

    Call it once the workers poll. With `wait` a build that is current stays so; without any, the
    first one that comes takes over. Workers without versioning take the work back from versioned
    ones.

    Raises:
        RPCError: the server refuses.
    Idempotency: it can be repeated.
    """
    current = await current_build(client)
    wanted = UNVERSIONED if settings.worker_versioning == "off" else build_of(settings)
    if settings.worker_versioning == "wait" and current != UNVERSIONED:
        if current != wanted:
            logger.info("build %s waits; the current one is %s", wanted, current)
        return
    if current == wanted:
        return
    await _route_to(client, wanted, is_polling_now=True)
    if wanted == UNVERSIONED:
        logger.warning("workers without versioning take the work back from build %s", current)
    else:
        logger.info("build %s takes over from %s", wanted, current or "none")


async def use_build(client: Client, build_id: str) -> None:
    """Make a build the current one: every delivery goes on there with its next step.

    Raises:
        BuildIsUnknown: no worker of it has ever asked for work.
        RPCError: the server refuses, for example because its workers do not serve every queue.
    """
    if build_id not in {build.build_id for build in await builds(client)}:
        raise BuildIsUnknown(build_id)
    await _route_to(client, build_id, is_polling_now=False)


async def current_build(client: Client) -> str:
    """Return the build that gets the tasks; `UNVERSIONED` when none was ever made current."""
    described = await _described(client)
    if described is None:
        return UNVERSIONED
    routing = described.worker_deployment_info.routing_config
    return str(routing.current_deployment_version.build_id)


async def builds(client: Client) -> Sequence[Build]:
    """Return every build that the server knows, the newest first."""
    described = await _described(client)
    if described is None:
        return ()
    found = described.worker_deployment_info.version_summaries
    return tuple(
        Build(
            each.deployment_version.build_id,
            WorkerDeploymentVersionStatus.Name(each.status).rpartition("_STATUS_")[2].lower(),
            each.current_since_time.ToDatetime() if each.HasField("current_since_time") else None,
        )
        for each in sorted(found, key=lambda each: each.create_time.ToDatetime(), reverse=True)
    )


async def _described(client: Client) -> DescribeWorkerDeploymentResponse | None:
    request = DescribeWorkerDeploymentRequest(
        namespace=client.namespace, deployment_name=DEPLOYMENT
    )
    try:
        return await client.workflow_service.describe_worker_deployment(
            request, retry=True, timeout=timedelta(seconds=CALL_S_MAX)
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        return None


async def _route_to(client: Client, build_id: str, *, is_polling_now: bool) -> None:
    """Send all tasks to a build; whoever calls for itself need not be known to the server yet."""
    request = SetWorkerDeploymentCurrentVersionRequest(
        namespace=client.namespace,
        deployment_name=DEPLOYMENT,
        build_id=build_id,
        identity=client.identity,
        allow_no_pollers=is_polling_now,
        ignore_missing_task_queues=is_polling_now,
    )
    deadline = time.monotonic() + TAKE_OVER_S_MAX
    while True:
        try:
            await client.workflow_service.set_worker_deployment_current_version(
                request, timeout=timedelta(seconds=CALL_S_MAX)
            )
        except RPCError as error:
            if error.status not in _PASSING or time.monotonic() > deadline:
                raise
        else:
            return
        await asyncio.sleep(PAUSE_S)


def _source_files() -> Iterator[Path]:
    for name in SOURCES:
        path = _ROOT / name
        found = path.rglob("*") if path.is_dir() else [path]
        yield from sorted(file for file in found if file.suffix in (".py", ".sql"))
