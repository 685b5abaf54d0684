"""`sendalong builds`: which builds of the workers there are, and which of them does the work."""

from __future__ import annotations

import argparse
import asyncio

from temporalio.service import RPCError

from infra.cli.temporal_connection import temporal_client
from infra.deployment import Build, BuildIsUnknown, builds, use_build
from infra.local_stack.errors import StackError


def run(options: argparse.Namespace) -> int:
    """List the builds, or make one the current one."""
    return asyncio.run(_use(options) if options.use else _list(options))


async def _list(options: argparse.Namespace) -> int:
    found = await builds(await temporal_client(options))
    for build in found:
        print(_line(build))
    if not found:
        print("No worker takes part in versioning; SENDALONG_WORKER_VERSIONING switches it on.")
    return 0


async def _use(options: argparse.Namespace) -> int:
    try:
        await use_build(await temporal_client(options), options.use)
    except BuildIsUnknown as error:
        raise StackError(f"No worker of build {error} has asked for work; start one.") from error
    except RPCError as error:
        raise StackError(f"Build {options.use} cannot be used: {error.message}") from error
    print(f"{options.use} is the current build.")
    return 0


def _line(build: Build) -> str:
    since = f" since {build.since:%Y-%m-%d %H:%M:%S}" if build.since else ""
    return f"{build.build_id} {build.status}{since}"
