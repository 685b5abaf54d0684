"""Everything that chance decides before the first part is killed: one seed, one plan."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import cycle, islice
from random import Random
from typing import Any

from domain.status import DeliveryStatus
from infra.local_stack.program import Part
from tests.chaos.stories import Story

DELIVERIES_PER_KILL = 20
"""Each part is killed once for so many deliveries: ten times for two hundred."""
IN_FLIGHT_MIN, IN_FLIGHT_MAX = 4, 8
"""Deliveries under way at once: enough that every kill hits some, and the machine stays usable."""
DOUBLE_STRIKES = 0.2
"""How often a second part dies together with the first."""

HOLD_FAULTS = (
    "timeout_after_success", "hang_after_success_2", "hang_after_success_5", "unavailable_2",
    "error_kept", "error_kept_after_success",
)  # fmt: skip
"""What goes wrong at the provider while it succeeds; the fives outlast a call of three seconds."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Windows of the deliveries, in seconds: short enough to wait for, longer than an outage."""

    inspection_s: int = 20
    pickup_s: int = 8
    """Only for what is never collected: everybody else names a day."""
    transit_s: int = 120
    """Longer than a message takes whose sender was killed."""

    def policies(self) -> dict[str, Any]:
        """Return what the API's policies are replaced with."""
        return {
            "windows": {
                "inspection_s": self.inspection_s,
                "pickup_s": self.pickup_s,
                # A handover that is named must not make a pickup late that is not.
                "pickup_ahead_s": CHARGE_AHEAD_DAYS * 86_400,
                "transit_s": self.transit_s,
                "payment_poll_s": 2,
                "payment_poll_s_max": 4,
                "account_reminder_s": 3,
            },
            "disputes": {"appeal_s": 0},
            "undo": {"window_s": 0},
            "horizons": {"charge_ahead_s": CHARGE_AHEAD_DAYS * 86_400},
            "retries": {"call_s_max": 3, "longest_wait_s": 5},
        }


CHARGE_AHEAD_DAYS = 90
"""A saved method is charged so long before the handover, so that a test needs not wait for days."""


@dataclass(frozen=True, slots=True)
class Play:
    """One delivery as its people mean to play it."""

    number: int
    story: Story
    price_minor: int
    methods: tuple[str, ...]
    """Payment methods, each given when the one before is declined."""
    account: str | None
    """The traveler's payout account; none for one that is set up over REST."""
    reserved: bool
    """The handover is so near that the payment is only reserved at first."""
    recipient_has_account: bool
    """Otherwise the recipient gets the code by a link in a message."""
    cancels_at: DeliveryStatus
    bank_rejects: bool
    pause_s: float
    """How long people think before they act."""

    @property
    def refund_minor(self) -> int:
        """Return what goes back when the payment is split; its parts share without a rest."""
        return self.price_minor // 30 * 10


@dataclass(frozen=True, slots=True)
class Strike:
    """One moment at which parts are killed."""

    after: int
    """How many deliveries have begun by then."""
    delay_s: float
    parts: tuple[Part, ...]
    down_s: float
    """How long they stay away."""


@dataclass(frozen=True, slots=True)
class ChaosPlan:
    """A whole run."""

    seed: int
    plays: tuple[Play, ...]
    strikes: tuple[Strike, ...]
    clocks: Clocks = field(default_factory=Clocks)

    @property
    def in_flight_max(self) -> int:
        """Return how many deliveries are under way at once."""
        return min(max(len(self.plays) // 4, IN_FLIGHT_MIN), IN_FLIGHT_MAX)


def make_plan(deliveries: int, seed: int, clocks: Clocks | None = None) -> ChaosPlan:
    """Return the plan of a seed: every story as often as any other, in no order."""
    chance = Random(seed)  # noqa: S311 -- The same seed must give the same plan.
    stories = list(islice(cycle(Story), deliveries))
    chance.shuffle(stories)
    plays = tuple(_play(chance, number, story) for number, story in enumerate(stories, start=1))
    return ChaosPlan(seed, plays, _strikes(chance, deliveries), clocks or Clocks())


def _play(chance: Random, number: int, story: Story) -> Play:
    return Play(
        number=number,
        story=story,
        price_minor=10 * chance.randint(200, 2_000),
        methods=_methods(chance, story),
        account=_account(chance, number, story),
        reserved=story is Story.RESERVED
        or (story not in _NEVER_RESERVED and chance.random() < 0.3),
        recipient_has_account=chance.random() < 0.5 or story in _NEVER_RESERVED,
        cancels_at=chance.choice(_CANCELLED_AT.get(story, (DeliveryStatus.AWAITING_PICKUP,))),
        bank_rejects=chance.random() < 0.3,
        pause_s=chance.choice((0.0, 0.0, 0.5, 1.5)),
    )


_NEVER_RESERVED = frozenset({Story.SAVED, Story.PHONES})
"""Stories without a reservation, whose recipient has an account: far ahead nothing can be reserved, and a
phone gets what it shows a code with only once."""
_CANCELLED_AT = {
    Story.CANCELLED_BY_CUSTOMER: (
        DeliveryStatus.REQUESTED,
        DeliveryStatus.ACCEPTED,
        DeliveryStatus.AWAITING_PICKUP,
    )
}


def _methods(chance: Random, story: Story) -> tuple[str, ...]:
    refund = f"_refund_{chance.choice(HOLD_FAULTS)}" if chance.random() < 0.4 else ""
    hold = chance.choice(HOLD_FAULTS) if chance.random() < 0.4 else "ok"
    works = f"pm_sandbox_{hold}{refund}"
    if story is Story.DECLINED_FIRST:
        return f"pm_sandbox_declined{refund}", works
    if story is Story.SLOW_BANK:
        return f"pm_sandbox_{chance.choice(('pending', 'requires_action'))}{refund}", works
    if story is Story.SAVED:
        return (f"pm_sandbox_ok{refund}",)
    return (works,)


def _account(chance: Random, number: int, story: Story) -> str | None:
    name = f"acct_sandbox_{number}"
    if story is Story.ACCOUNT_LATER:
        return chance.choice((None, f"{name}_not_ready_2"))
    if chance.random() < 0.5:
        return None
    return f"{name}_{chance.choice(HOLD_FAULTS)}_payout_{chance.choice(HOLD_FAULTS)}"


def _strikes(chance: Random, deliveries: int) -> tuple[Strike, ...]:
    victims = list(Part) * -(-deliveries // DELIVERIES_PER_KILL)
    chance.shuffle(victims)
    groups: list[tuple[Part, ...]] = []
    while victims:
        first = victims.pop()
        is_double = victims and victims[-1] is not first and chance.random() < DOUBLE_STRIKES
        groups.append((first, victims.pop()) if is_double else (first,))
    moments = sorted(chance.randint(1, deliveries) for _ in groups)
    return tuple(
        Strike(after, chance.uniform(0.2, 3.0), parts, chance.uniform(0.0, 2.0))
        for after, parts in zip(moments, groups, strict=True)
    )
