"""Robots play scenarios against the whole system as real processes, on its own clocks."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

from infra.demo.client import Caller
from infra.encryption.parts import encryption_of
from infra.identifiers import new_id
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import free_ports
from infra.local_stack.stack import LocalStack
from infra.robo.cast import Cast, Theatre
from infra.robo.main import theatre_at
from infra.robo.playing import Player
from infra.robo.scenario import Step
from infra.robo.scenarios import SCENARIOS
from tests.waiting import until

PLAYED = ("happy", "authorisation-expiry", "refusal", "dispute-appeal", "chargeback-won", "erasure")
"""One of each kind; `make robo SCENARIO=all` plays the others."""
AT_ONCE = 1_000


async def silent(_number: int, _step: Step) -> None:
    """Tell nobody."""


async def play(theatre: Theatre, name: str) -> None:
    await Player(theatre, new_id(), AT_ONCE, {}).play(SCENARIOS[name], silent)


async def ask_for(theatre: Theatre, scenario: str) -> tuple[Caller, str]:
    """Ask the platform itself for robots, as integrators do."""
    cast = Cast(theatre, {})
    await cast.gather()
    customer, other = await cast.caller("customer"), await cast.caller("traveler")
    asked = await customer.post("/v1/sandbox/robo", {"scenario": scenario, "speed": 5})
    path = f"/v1/sandbox/robo/{asked['run_id']}"
    assert (await other.try_get(path)).json()["code"] == "not_found"
    return customer, path


async def ended(theatre: Theatre, asked: tuple[Caller, str]) -> Any:
    """Watch a run until it has ended."""
    customer, path = asked

    async def has_ended() -> bool:
        return bool((await customer.get(path))["state"] != "playing")

    await until(has_ended)
    return await customer.get(path)


async def test_robots_play_one_scenario_of_each_kind(folder: Path) -> None:
    options = StackOptions(folder=folder, ports=free_ports())
    async with (
        LocalStack(options) as stack,
        theatre_at(
            stack.api_url, stack.settings.database_url, encryption_of(stack.settings)
        ) as theatre,
    ):
        asked = await ask_for(theatre, "unwanted")
        await stack.kill("worker")
        await asyncio.gather(stack.start_child("worker"), *(play(theatre, name) for name in PLAYED))
        run = await ended(theatre, asked)
        assert (run["state"], run["verdict"]) == ("met", "")
        assert len(run["steps"]) == run["steps_total"]
