"""One run: a stack of its own, deliveries and killing in step, then the checks."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from infra.database.engine import create_engine
from infra.encryption.parts import encryption_of
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.stack import LocalStack
from infra.payments.sandbox import SandboxProvider
from tests.chaos.checks import Findings, check_everything
from tests.chaos.killer import Killer, Toll
from tests.chaos.people import Delivery, Ending
from tests.chaos.plan import ChaosPlan
from tests.chaos.progress import Progress
from tests.chaos.world import World

ANSWER_S_MAX = 30
"""Longest wait for one answer before the request is sent again, as most clients have it."""

Tell = Callable[[str], None]


@dataclass(frozen=True)
class ChaosReport:
    """Everything that a run came to."""

    plan: ChaosPlan
    endings: list[Ending]
    toll: Toll
    findings: Findings
    seconds: float

    @property
    def violations(self) -> list[str]:
        """Everything that must not be."""
        return self.findings.violations


@asynccontextmanager
async def chaos_stack(plan: ChaosPlan, folder: Path, tell: Tell) -> AsyncIterator[LocalStack]:
    """Start a stack with its own embedded servers and the sandbox; whatever happens, it is stopped."""
    policies = json.dumps(plan.clocks.policies())
    options = StackOptions(
        folder=folder,
        ports=free_ports(),
        environment={"SENDALONG_POLICIES": policies, "SENDALONG_PAYMENTS": "sandbox"},
        database_url=None,
        embedded_temporal=True,
    )
    async with LocalStack(options, report=tell) as stack:
        yield stack


@asynccontextmanager
async def world_of(stack: LocalStack) -> AsyncIterator[World]:
    """Return the ways to a running stack."""
    engine = create_engine(stack.settings.database_url, application_name="sendalong-chaos")
    try:
        async with httpx.AsyncClient(base_url=stack.api_url, timeout=ANSWER_S_MAX) as http:
            yield World(http, engine, encryption_of(stack.settings), SandboxProvider(engine))
    finally:
        await engine.dispose()


async def run_chaos(
    plan: ChaosPlan, stack: LocalStack, world: World, tell: Tell, seconds_max: float
) -> ChaosReport:
    """Play a plan and check what came of it; deliveries that take too long count as stuck."""
    began = time.monotonic()
    progress = Progress(plan)
    killer = Killer(stack, progress, tell)
    deliveries = [Delivery(world, play, plan.clocks) for play in plan.plays]
    try:
        async with asyncio.timeout(seconds_max):
            await _play(plan, deliveries, progress, killer)
    except TimeoutError:
        tell(f"the run was stopped after {seconds_max:.0f} s")
    await killer.mend()
    # Connections of before the last kill are of no use any more.
    await world.engine.dispose()
    endings = [delivery.ending for delivery in deliveries]
    findings = await check_everything(world, stack.client, endings)
    return ChaosReport(plan, endings, killer.toll, findings, time.monotonic() - began)


async def _play(
    plan: ChaosPlan, deliveries: list[Delivery], progress: Progress, killer: Killer
) -> None:
    async def play(delivery: Delivery) -> None:
        async with progress.delivery():
            await delivery.run()

    async with asyncio.TaskGroup() as watch:
        watching = watch.create_task(killer.watch())
        async with asyncio.TaskGroup() as group:
            group.create_task(killer.strike_all(plan.strikes))
            for delivery in deliveries:
                group.create_task(play(delivery))
        watching.cancel()
