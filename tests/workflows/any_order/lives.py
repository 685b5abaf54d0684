"""Lives many stories at once, and tells whole what did not end well."""

from __future__ import annotations

import asyncio
import traceback
from collections import Counter
from dataclasses import dataclass, field, replace

from domain.contracts import Actor, Role
from domain.policies import RetryPolicyFigures, standard_policies
from tests.conftest import MakePerson
from tests.workflows.any_order.story import Story, make_story
from tests.workflows.conftest import IMPATIENT, Stage

AT_ONCE = 12
POLICIES = (
    IMPATIENT,
    replace(standard_policies(), retries=RetryPolicyFigures(longest_wait_s=1, tries_max=8)),
)
"""What the oldest deliveries were opened under, and what new ones are."""


class StoryFailed(Exception):
    """A story did not end well."""


@dataclass
class Lives:
    """Many stories."""

    stage: Stage
    make_person: MakePerson
    ends: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    failures: list[StoryFailed] = field(default_factory=list)

    async def live(self, seeds: list[str]) -> None:
        """Live the stories that these seeds tell.

        Raises:
            ExceptionGroup: some of them did not end well; it is raised once all are told.
        """
        waiting = list(enumerate(seeds))
        async with asyncio.TaskGroup() as lanes:
            for _ in range(AT_ONCE):
                lanes.create_task(self._live_in_turn(waiting))
        if self.failures:
            raise ExceptionGroup("some stories did not end well", self.failures)

    async def _live_in_turn(self, waiting: list[tuple[int, str]]) -> None:
        stranger = Actor(Role.CUSTOMER, await self.make_person("customer"))
        while waiting:
            number, seed = waiting.pop()
            play = await self.stage(POLICIES[number % len(POLICIES)])
            story = await make_story(play, seed, stranger)
            try:
                self.ends[await story.live()] += 1
            except Exception as fault:  # noqa: BLE001 -- The others are lived to their ends.
                self.failures.append(_failed(story, seed, fault))
            self.taken += story.taken


def _failed(story: Story, seed: str, fault: Exception) -> StoryFailed:
    trace = "".join(traceback.format_exception(fault))
    told = "\n".join(story.told)
    return StoryFailed(f"story {seed} of {story.play.order.delivery_id}:\n{told}\n{trace}")
