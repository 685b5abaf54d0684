"""Plans on workers that keep their workflows in memory, as they do in production."""

from __future__ import annotations

from tests.money_machine.conftest import PlayHalf
from tests.money_machine.lanes import EXAMPLES
from worker import CACHED_WORKFLOWS_MAX


async def test_every_plan_leaves_every_cent_in_its_place(play_half: PlayHalf) -> None:
    run = await play_half("warm workers", CACHED_WORKFLOWS_MAX)
    assert run.played >= EXAMPLES // 2
