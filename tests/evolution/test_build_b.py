"""The rehearsed change is a patched one: no recorded delivery minds it."""

from __future__ import annotations

import pytest

from infra.local_stack.folder import PROJECT
from tests.chaos.stories import Story
from tests.evolution.build_b import CLOSING, OPENING, SAGA, changed
from tests.evolution.rehearsal import WAITS


def test_the_change_finds_its_passages_and_is_patched() -> None:
    saga = changed((PROJECT / SAGA).read_text())
    compile(saga, SAGA, "exec")
    assert [saga.count(f'workflow.patched("{patch}")') for patch in (OPENING, CLOSING)] == [1, 1]


def test_a_saga_without_the_passages_is_not_changed_in_silence() -> None:
    with pytest.raises(LookupError, match="name another passage"):
        changed("async def run(self): ...")


def test_every_story_waits_somewhere_for_the_switch() -> None:
    assert set(WAITS) == set(Story)
