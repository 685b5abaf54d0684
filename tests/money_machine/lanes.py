"""Draws plans from a seed, plays them in several lanes at once, and counts how they end."""

from __future__ import annotations

import asyncio
import os
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.money_machine.installation import Installation, Lane
from tests.money_machine.plan import Plan
from tests.money_machine.planning import plans
from tests.money_machine.playing import PlanFailed, play

EXAMPLES = int(os.environ.get("MONEY_EXAMPLES") or "200")
"""Plans to be played in the whole run; the two files of tests share them."""
FORGETFUL = EXAMPLES // 8
"""How many of them are played on forgetful workers: replaying takes three times as long."""
SEED = int(os.environ.get("MONEY_SEED") or "1")
"""The same plans are drawn from the same seed; each run prints its own."""
ROUND = 100
"""Plans drawn at once: of many, most would be the same ones with a change."""


@dataclass
class Run:
    """Many plans, played in all lanes of one installation."""

    installation: Installation
    name: str
    """Part of the seed, so that two runs play different plans."""
    ends: Counter[str] = field(default_factory=Counter)
    """How many plans closed at which status."""
    booked: Counter[str] = field(default_factory=Counter)
    """How often each kind of booking was made."""
    failures: list[PlanFailed] = field(default_factory=list)
    """Plans that did not end well; the others are played all the same."""

    @property
    def played(self) -> int:
        """How many plans were played to a good end."""
        return self.ends.total()

    def __str__(self) -> str:
        told = f"{self.played} plans on {self.name} from MONEY_SEED={SEED}"
        if self.failures:
            told += f" and {len(self.failures)} that did not end well"
        return f"{told}: {_counts(self.ends)}; booked {_counts(self.booked)}"

    async def play(self, count: int) -> None:
        """Play so many plans.

        Raises:
            ExceptionGroup: some of them did not end well; it is raised once all are played.
        """
        waiting = drawn(f"{SEED} {self.name}", count)
        async with asyncio.TaskGroup() as lanes:
            for lane in self.installation.lanes:
                lanes.create_task(self._play_in(lane, waiting))
        if self.failures:
            raise ExceptionGroup("some plans did not end well", self.failures)

    async def _play_in(self, lane: Lane, waiting: list[Plan]) -> None:
        while waiting:
            try:
                end = await play(self.installation, lane, waiting.pop())
            except PlanFailed as failure:
                self.failures.append(failure)
            else:
                self.ends[end.status] += 1
                self.booked += end.booked


def drawn(seed_of_run: str, count: int) -> list[Plan]:
    """Draw so many different stories; the same ones from the same seed."""
    found: dict[object, Plan] = {}
    rounds = 0
    while len(found) < count:
        rounds += 1

        @seed(f"{seed_of_run} {rounds}")
        @settings(
            max_examples=ROUND,
            phases=[Phase.generate],
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(plan=plans())
        def draw(plan: Plan) -> None:
            found.setdefault((plan.card, plan.horizon, plan.steps), plan)

        draw()
    return list(found.values())[:count]


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common())
