"""What is played: the story of one delivery's money, and everything that goes wrong on the way."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Stage(StrEnum):
    """Where a plan believes the delivery to stand; trouble may have led it elsewhere."""

    DUE = "due"
    """The payment is not held yet: it was declined, or somebody must act."""
    SCHEDULED = "scheduled"
    """The method is saved, and charged near departure."""
    HELD = "held"
    CARRIED = "carried"
    DELIVERED = "delivered"
    DISPUTED = "disputed"
    SETTLING = "settling"
    """The money is on its way, or the delivery is closed."""


HORIZONS = {"hold": None, "authorise": 4, "save": 100}
"""Days to the handover that the customer names, by how the payment is then held."""


@dataclass(frozen=True)
class Step:
    """One thing that somebody does, or that happens."""

    name: str
    """A command of `commands.py`."""
    how: str | int = ""
    """What the command takes, where it takes anything."""


@dataclass(frozen=True)
class Trouble:
    """One call of the payment provider that goes wrong."""

    route: str
    fault: str
    nth: int = 1
    """Which call of the route, counted from the acceptance on."""


@dataclass(frozen=True)
class Plan:
    """One example: a delivery from its request to its close. Its text can be played again."""

    card: str = "pm_card_bypassPending"
    price_minor: int = 4_200
    horizon: str = "hold"
    """How far ahead the handover is, which decides how the payment is held; see `HORIZONS`."""
    account: str = "ready"
    """`ready`, or `late` for a traveler who is not set up at the provider yet."""
    steps: tuple[Step, ...] = ()
    """What happens after the acceptance; afterwards the world heals and the delivery must close."""
    troubles: tuple[Trouble, ...] = ()
    crashes: tuple[int, ...] = ()
    """At which crossings of a port the worker's process ends, counted from 0; a call has two."""
    owes_minor: int = 0
    """What the traveler owes from an earlier delivery: it is kept back from this one's payout."""
    share_points: int = 5_000
    """What a second traveler gets of what both earn, in ten-thousandths, where one takes over."""
    is_carried_on: bool = False
    """Whether people go on after these steps, as far as they can, instead of letting it expire."""
    replays: int = 1
    """How many copies of all news come in again, in the end, to an inbox that has forgotten it."""
