"""Plans on workers that keep few workflows in memory: most tasks replay the whole history first."""

from __future__ import annotations

from tests.money_machine.conftest import PlayHalf
from tests.money_machine.installation import LANES
from tests.money_machine.lanes import EXAMPLES


async def test_every_plan_leaves_every_cent_in_its_place(play_half: PlayHalf) -> None:
    run = await play_half("forgetful workers", LANES // 2)
    assert run.played >= EXAMPLES // 2
