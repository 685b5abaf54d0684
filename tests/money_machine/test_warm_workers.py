"""Plans on workers that keep their workflows in memory, as they do in production."""

from __future__ import annotations

from tests.money_machine.conftest import PlayPart
from tests.money_machine.lanes import EXAMPLES, FORGETFUL
from worker import CACHED_WORKFLOWS_MAX

LANES = 8
"""Plans at once: enough to use the waiting of one for the others."""


def test_every_plan_leaves_every_cent_in_its_place(play_part: PlayPart) -> None:
    count = EXAMPLES - FORGETFUL
    run = play_part("warm workers", count, LANES, CACHED_WORKFLOWS_MAX)
    assert run.played == count
