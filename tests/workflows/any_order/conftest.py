"""Many stories at once, told in two files so that two processes can share them."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterator

import pytest

from tests.conftest import MakePerson
from tests.quiet import without_a_word, without_haste
from tests.workflows.any_order import commands, disputing, emergencies, relaying
from tests.workflows.any_order.lives import Lives
from tests.workflows.conftest import Stage

PARTS = (commands, disputing, emergencies, relaying)
"""Importing them has registered the commands."""
STORIES = int(os.environ.get("STORIES") or "300")
"""How many are told in the whole run; each file tells the half of them."""
SEED = os.environ.get("STORIES_SEED") or "1"

Tell = Callable[[int], Awaitable[Lives]]


@pytest.fixture
def quiet() -> Iterator[None]:
    with without_a_word(), without_haste():
        yield


@pytest.fixture
def tell(stage: Stage, make_person: MakePerson, quiet: None) -> Tell:
    """Return a way to tell one half of the stories: whatever is sent, every delivery closes.

    The stage checks all invariants of each delivery afterwards.
    """

    async def told(half: int) -> Lives:
        numbers = range(half, STORIES, 2)
        lives = Lives(stage, make_person)
        await lives.live([f"{SEED}-{number}" for number in numbers])
        assert lives.ends.total() == len(numbers)
        return lives

    return told
