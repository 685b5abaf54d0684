"""Plays scenarios for somebody at a terminal, on the running stack or on one of its own."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import httpx
from rich.console import Console

from infra.database.engine import create_engine
from infra.encryption.parts import Encryption
from infra.identifiers import new_id
from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder
from infra.local_stack.keys import encryption_in
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.stack import LocalStack
from infra.robo.cast import Theatre
from infra.robo.playing import Player, ScenarioFailed
from infra.robo.scenario import Scenario, Step
from infra.robo.scenarios import SCENARIOS

AT_ONCE = 4
"""Scenarios that are played at the same time when all of them are."""
PLAIN_WIDTH = 140
"""Columns of the output where no terminal says how wide it is."""
WAIT_S_MAX = 30
"""Longest wait for one answer of the API, in seconds."""


def list_scenarios() -> None:
    """Print every scenario with what happens in it."""
    width = max(map(len, SCENARIOS))
    for scenario in SCENARIOS.values():
        Console(highlight=False, soft_wrap=True).print(f"{scenario.name:{width}}  {scenario.about}")


def play(name: str, speed: int, folder: Path) -> int:
    """Play one scenario or all of them; return the exit code.

    Raises:
        StackError: there is no stack to play on, and none can be started.
    """
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    chosen = tuple(SCENARIOS.values()) if name == "all" else (SCENARIOS[name],)
    return asyncio.run(_play(console, chosen, speed, folder))


async def _play(console: Console, scenarios: Sequence[Scenario], speed: int, folder: Path) -> int:
    async with (
        _stack(console, folder) as (api_url, database_url),
        theatre_at(api_url, database_url, encryption_in(StackFolder(folder))) as theatre,
    ):
        rounds, began = asyncio.Semaphore(AT_ONCE), time.monotonic()

        async def one(scenario: Scenario) -> bool:
            async with rounds:
                return await _play_one(console, theatre, scenario, speed)

        met = await asyncio.gather(*map(one, scenarios))
    if len(scenarios) > 1:
        lasted_s = time.monotonic() - began
        console.print(
            f"\n{sum(met)} of {len(met)} scenarios ended as they should ({lasted_s:.0f} s)"
        )
    return 0 if all(met) else 1


@asynccontextmanager
async def theatre_at(
    api_url: str, database_url: str, encryption: Encryption
) -> AsyncIterator[Theatre]:
    """Open the ways to a running platform."""
    engine = create_engine(database_url, application_name="sendalong-robo")
    try:
        async with httpx.AsyncClient(base_url=api_url, timeout=WAIT_S_MAX) as http:
            yield Theatre(http, engine, encryption)
    finally:
        await engine.dispose()


@asynccontextmanager
async def _stack(console: Console, folder: Path) -> AsyncIterator[tuple[str, str]]:
    """Return the addresses of API and database of the running stack, else of one of its own."""
    running = StackFolder(folder).running()
    if running is not None:
        database_url = running.database_url or os.environ.get("DATABASE_URL")
        if not database_url:
            raise StackError("Set DATABASE_URL to the database of the stack that is running.")
        console.print(f"Playing on {running.api_url}\n")
        yield running.api_url, database_url
        return
    options = StackOptions(folder=folder, ports=free_ports())
    async with LocalStack(options, report=console.print) as stack:
        console.print()
        yield stack.api_url, stack.settings.database_url


async def _play_one(console: Console, theatre: Theatre, scenario: Scenario, speed: int) -> bool:
    console.print(f"[bold]{scenario.name}[/bold]: {scenario.about}")
    began = time.monotonic()

    async def tell(_number: int, step: Step) -> None:
        console.print(f"  [bold]{scenario.name}[/bold] {step.who.replace('_', ' ')}: {step.tells}")

    memory: dict[str, str] = {}
    player = Player(theatre, new_id(), speed, memory)
    try:
        await player.play(scenario, tell)
    except ScenarioFailed as failure:
        console.print(
            f"  [bold]{scenario.name}[/bold] FAILED: {failure} ({memory.get('delivery', '')})",
            style="red",
            markup=True,
        )
        return False
    lasted_s = time.monotonic() - began
    console.print(
        f"  [bold]{scenario.name}[/bold] ended {scenario.ending.status} as it should"
        f" ({lasted_s:.1f} s)",
        style="green",
    )
    return True
