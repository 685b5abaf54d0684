"""Robots play scenarios against the whole system as real processes, on its own clocks."""

from __future__ import annotations

import asyncio
from pathlib import Path

from infra.identifiers import new_id
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.stack import LocalStack
from infra.robo.main import theatre_at
from infra.robo.playing import Player, Theatre
from infra.robo.scenario import Step
from infra.robo.scenarios import SCENARIOS

PLAYED = ("happy", "late", "authorisation-expiry", "refusal", "dispute-appeal", "chargeback-won")
"""One of each kind; `make robo SCENARIO=all` plays the others."""
AT_ONCE = 1_000


async def silent(_number: int, _step: Step) -> None:
    """Tell nobody."""


async def play(theatre: Theatre, name: str) -> None:
    await Player(theatre, new_id(), AT_ONCE, {}).play(SCENARIOS[name], silent)


async def test_robots_play_one_scenario_of_each_kind(tmp_path: Path) -> None:
    options = StackOptions(folder=tmp_path, ports=free_ports())
    async with (
        LocalStack(options) as stack,
        theatre_at(stack.api_url, stack.settings.database_url) as theatre,
    ):
        await asyncio.gather(*(play(theatre, name) for name in PLAYED))
