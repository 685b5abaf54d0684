"""The rules of an erasure: what it waits for, until when it can be taken back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from domain.erasing.policy import ErasurePolicy
from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId

FORMER_MEMBER = "a former member"
"""What everybody else reads in place of the name."""
ERASED_TEXT = "erased"
"""What stands where an address, a description or a message was."""
BLOCKERS_SHOWN_MAX = 50
"""Things that are named at once; the rest follows when these are settled."""


class ErasureStatus(StrEnum):
    """How far an erasure is."""

    COOLING_OFF = "cooling_off"
    """It can be taken back until it is due."""
    WAITING = "waiting"
    """It is due, and waits for deliveries or money that are not settled yet."""
    WITHDRAWN = "withdrawn"
    ERASED = "erased"


class BlockerKind(StrEnum):
    """What must be settled first."""

    DELIVERY_OPEN = "delivery_open"
    """The person is a party of a delivery that is not closed."""
    OFFER_OPEN = "offer_open"
    """The person's offer can still be accepted."""
    DISPUTE_OPEN = "dispute_open"
    """The person is an agent, or a party, of a dispute that is not decided."""
    CHARGEBACK_OPEN = "chargeback_open"
    """A bank has not decided about a payment of the person's delivery."""
    PAYMENT_UNDER_WAY = "payment_under_way"
    """The payment provider was asked for something and has not answered."""
    MONEY_OWED = "money_owed"
    """The person is owed money, or owes some."""


@dataclass(frozen=True, slots=True)
class Blocker:
    """One thing that must be settled first."""

    kind: BlockerKind
    subject_id: str
    """Id of the delivery, offer, dispute or chargeback; for money, its currency."""


@dataclass(frozen=True, slots=True)
class ErasureOrder:
    """A person wants everything about them erased."""

    person_id: PersonId
    erasure_id: str
    """Id of the request; a person who took one back may ask again."""
    requested_at: datetime
    policy: ErasurePolicy = field(default_factory=ErasurePolicy)
    """Windows as they were when it was asked for."""

    @property
    def due_at(self) -> datetime:
        """When it is done, unless something must be settled first; until then it can be taken back."""
        return self.requested_at + timedelta(seconds=self.policy.cooling_off_s)

    @property
    def alarm_at(self) -> datetime:
        """When staff are told that it still waits."""
        return self.requested_at + timedelta(seconds=self.policy.alarm_s)


@dataclass(frozen=True, slots=True)
class ErasureNote:
    """How far an erasure is, to be written down."""

    order: ErasureOrder
    status: ErasureStatus


@dataclass(frozen=True, slots=True)
class ErasureOutcome:
    """What came of trying to erase."""

    blockers: tuple[Blocker, ...] = ()
    """What must be settled first; none when the person's data is gone."""

    @property
    def is_done(self) -> bool:
        """Whether nothing is left of the person."""
        return not self.blockers


def next_look_s(looks: int, policy: ErasurePolicy) -> int:
    """Return how long to wait after so many looks; the wait doubles up to its limit."""
    doublings = min(looks, policy.look_s_max.bit_length())
    return min(policy.look_s << doublings, policy.look_s_max)


def check_withdrawal(status: ErasureStatus | None, now: datetime, due_at: datetime) -> None:
    """Allow taking an erasure back only while it cools off.

    Raises:
        Refusal: `erasure_binding` or `no_erasure`.
    """
    if status in {None, ErasureStatus.WITHDRAWN}:
        raise Refusal(RefusalCode.NO_ERASURE, "No erasure was asked for.")
    if status is not ErasureStatus.COOLING_OFF or now >= due_at:
        raise Refusal(
            RefusalCode.ERASURE_BINDING, "The time in which it can be taken back is over."
        )
