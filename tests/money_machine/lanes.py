"""Drives Hypothesis in several lanes at once, each with a seed of its own, and counts the plans."""

from __future__ import annotations

import asyncio
import os
import random
from collections import Counter
from dataclasses import dataclass, field

from hypothesis import HealthCheck, given, seed, settings

from tests.money_machine.installation import LANES, Installation, Lane
from tests.money_machine.plan import Plan
from tests.money_machine.planning import plans
from tests.money_machine.playing import play

EXAMPLES = int(os.environ.get("MONEY_EXAMPLES", "200"))
"""Plans to be played in the whole run; the two files of tests share them."""
SEED = int(os.environ.get("MONEY_SEED", "0")) or random.SystemRandom().randrange(1, 10**9)
"""Set `MONEY_SEED` to the seed that a run has printed to play the same plans again."""


@dataclass
class Run:
    """Many plans, played in all lanes of one installation."""

    installation: Installation
    name: str
    """Part of every seed, so that two runs play different plans."""
    ends: Counter[str] = field(default_factory=Counter)
    """How many plans closed at which status."""
    booked: Counter[str] = field(default_factory=Counter)
    """How often each kind of booking was made."""

    @property
    def played(self) -> int:
        """How many plans were played to their end."""
        return self.ends.total()

    def __str__(self) -> str:
        told = f"{self.played} plans on {self.name} from MONEY_SEED={SEED}"
        return f"{told}: {_counts(self.ends)}; booked {_counts(self.booked)}"

    async def play(self, count: int) -> None:
        """Play so many plans; raise what went wrong in any lane, once all lanes are through."""
        lanes, loop = self.installation.lanes, asyncio.get_running_loop()
        shares = [count // LANES + (number < count % LANES) for number in range(LANES)]
        ends = await asyncio.gather(
            *(
                asyncio.to_thread(self._play_lane, lane, number, share, loop)
                for number, (lane, share) in enumerate(zip(lanes, shares, strict=True))
                if share
            ),
            return_exceptions=True,
        )
        for end in ends:
            if isinstance(end, BaseException):
                raise end

    def _play_lane(
        self, lane: Lane, number: int, count: int, loop: asyncio.AbstractEventLoop
    ) -> None:
        """Play plans one after the other, in a thread that Hypothesis may keep busy."""

        @seed(f"{SEED} {self.name} {number}")
        @settings(
            max_examples=count,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(plan=plans())
        def one(plan: Plan) -> None:
            played = asyncio.run_coroutine_threadsafe(play(self.installation, lane, plan), loop)
            end = played.result()
            self.ends[end.status] += 1
            self.booked += end.booked

        one()


def _counts(counter: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counter.most_common())
