"""News of a payment provider: what each kind means to us, and which of two is the later word."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum


class Stage(IntEnum):
    """How far the life of a provider's object has come; a higher one is the later word.

    Events come late, twice and in any order, and their times are in whole seconds. A refund may fail
    after it succeeded, and never succeeds after it failed: what can follow has the higher number.
    """

    BEGUN = 10
    """It was made."""
    CHANGED = 20
    """Something about it changed; this does not say what."""
    WAITING = 30
    """It waits for a bank or for a person."""
    DECLINED = 40
    """It was declined; another try may follow."""
    SETTLED = 50
    """It is done."""
    UNDONE = 60
    """What was held or done is so no longer."""


class NewsState(StrEnum):
    """What became of one event of a provider."""

    NEW = "new"
    """Nothing yet: it is due now or later."""
    TOLD = "told"
    """A delivery or a chargeback was told to read the object again."""
    SEEN = "seen"
    """It needed nobody: its note says why."""
    WAITING = "waiting"
    """Nothing here can act on it yet; it waits to be replayed."""
    DEAD = "dead"
    """Given up after its last try; it waits to be replayed."""


KEPT_FOR_REPLAY = (NewsState.WAITING, NewsState.DEAD)
"""States that only a replay ends."""


@dataclass(frozen=True, slots=True, order=True)
class LastWord:
    """What an object's events amount to: the greatest of them, whatever the order they came in."""

    stage: Stage
    """How far it has come."""
    happened_at: datetime
    """By the provider's clock, in UTC."""
    event_id: str
    """Decides between events of one second."""
    name: str
    """The provider's own name of the event."""


@dataclass(frozen=True, slots=True)
class PaymentNews:
    """Tells a delivery that an object of the provider changed; whoever acts on it reads it again."""

    operation_id: str
    """Our operation that made the object, or the charge that it belongs to; empty when it is an
    account that changed."""
    object_id: str
    """The provider's id of what changed."""
    is_undone: bool = False
    """What was held or done is so no longer."""


def tells_what_is_known(stage: Stage, operation_state: str) -> bool:
    """Tell whether an operation's own record already shows what an event about it says."""
    known = {
        Stage.SETTLED: {"succeeded", "undone"},
        Stage.DECLINED: {"failed", "undone"},
        Stage.UNDONE: {"failed", "undone"},
    }
    return operation_state in known.get(stage, ())
