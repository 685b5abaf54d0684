"""Robots play whole deliveries through the API, and notice when one ends differently."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.identifiers import new_id
from infra.robo.cast import Theatre
from infra.robo.playing import Player, ScenarioFailed
from infra.robo.scenario import Ending, Step
from infra.robo.scenarios import SCENARIOS
from tests.keys import ENCRYPTION

AT_ONCE = 1_000


@pytest.fixture
def theatre(http: httpx.AsyncClient, engine: AsyncEngine) -> Theatre:
    return Theatre(http, engine, ENCRYPTION)


async def silent(_number: int, _step: Step) -> None:
    """Tell nobody."""


async def test_a_lost_parcel_is_played_to_its_end(theatre: Theatre) -> None:
    memory: dict[str, str] = {}
    await Player(theatre, new_id(), AT_ONCE, memory).play(SCENARIOS["lost"], silent)
    assert memory["delivery"]


@pytest.mark.parametrize("name", ["high-proof", "maximum-proof"])
async def test_a_parcel_is_carried_at_each_level_above_the_standard(
    theatre: Theatre, name: str
) -> None:
    memory: dict[str, str] = {}
    await Player(theatre, new_id(), AT_ONCE, memory).play(SCENARIOS[name], silent)
    assert memory["handover_code"].startswith("SA2" if name == "high-proof" else "SA3")


async def test_another_ending_than_the_promised_one_fails(
    theatre: Theatre, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("infra.robo.playing.LOOK_S_MAX", 0.3)
    wrong = replace(SCENARIOS["unwanted"], ending=Ending(status="expired", escrow="held"))
    with pytest.raises(ScenarioFailed, match="escrow is none and should be held"):
        await Player(theatre, new_id(), AT_ONCE, {}).play(wrong, silent)


async def test_a_player_goes_on_where_another_one_stopped(theatre: Theatre) -> None:
    scenario, run_id, accepting = SCENARIOS["cancel-in-grace"], new_id(), 4
    memory: dict[str, str] = {}
    done: list[int] = []

    class Killed(Exception):
        """The worker ends."""

    async def die_after_accepting(number: int, _step: Step) -> None:
        if number == accepting:
            raise Killed
        done.append(number)

    with pytest.raises(Killed):
        await Player(theatre, run_id, AT_ONCE, memory).play(scenario, die_after_accepting)
    await Player(theatre, run_id, AT_ONCE, memory).play(scenario, silent, len(done))


async def test_a_parcel_is_handed_over_where_there_is_no_network(theatre: Theatre) -> None:
    memory: dict[str, str] = {}
    await Player(theatre, new_id(), AT_ONCE, memory).play(SCENARIOS["offline"], silent)
    assert memory["handover_code"] in memory["claim"]
