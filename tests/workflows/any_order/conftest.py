"""Many stories at once, told in two files so that two processes can share them."""

from __future__ import annotations

import logging
import os
from collections.abc import Awaitable, Callable, Iterator

import pytest

from tests import waiting
from tests.conftest import MakePerson
from tests.workflows.any_order import commands, disputing, relaying
from tests.workflows.any_order.lives import Lives
from tests.workflows.conftest import Stage

PARTS = (commands, disputing, relaying)
"""Importing them has registered the commands."""
STORIES = int(os.environ.get("STORIES") or "300")
"""How many are told in the whole run; each file tells the half of them."""
SEED = os.environ.get("STORIES_SEED") or "1"
PAUSE_S = 0.1

Tell = Callable[[int], Awaitable[Lives]]


@pytest.fixture
def quiet() -> Iterator[None]:
    """Keep planned refusals out of the log, and the many stories from asking all the time."""
    logger = logging.getLogger("temporalio.activity")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(waiting, "PAUSE_S", PAUSE_S)
        yield
    logger.setLevel(level)


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
