"""Plans on workers that keep few workflows in memory: many tasks replay the whole history first."""

from __future__ import annotations

from tests.money_machine.conftest import PlayPart
from tests.money_machine.lanes import FORGETFUL

LANES = 6
"""Plans at once, and workflows in memory: one with a dispute or a chargeback has no room for both."""


def test_every_plan_leaves_every_cent_in_its_place(play_part: PlayPart) -> None:
    run = play_part("forgetful workers", FORGETFUL, LANES, LANES)
    assert run.played == FORGETFUL
