"""What a run finds besides single movements: what is stuck, what is held too long, what is broken."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from domain.attention import AttentionItem, AttentionKind
from domain.ids import DeliveryId
from domain.money import Money
from domain.reconciliation.differences import ITEM_PREFIX

_ALERTS = "I8"
"""The invariant that says that nobody was alerted: what it finds is a workflow that does not run."""


@dataclass(frozen=True, slots=True)
class StuckOperation:
    """The provider was asked and nobody knows what became of it."""

    operation_id: str
    kind: str
    delivery_id: DeliveryId
    sent_at: datetime
    """When its present attempt was first sent, in UTC."""


@dataclass(frozen=True, slots=True)
class WaitingClaim:
    """A scan without network came in, was never judged to the end, and its phone is gone."""

    claim_id: str
    delivery_id: DeliveryId
    received_at: datetime
    """When it came in, in UTC."""


@dataclass(frozen=True, slots=True)
class MoneyHeld:
    """Money of a delivery that is still held."""

    delivery_id: DeliveryId
    amount: Money
    since: datetime
    """Since when something is held without a break, in UTC."""


@dataclass(frozen=True, slots=True)
class BrokenInvariant:
    """One thing that breaks an invariant."""

    invariant: str
    """For example `I1`."""
    subject: str
    """Its last word is the id of what is wrong, for example `payment operation <id>`."""
    problem: str
    delivery_id: DeliveryId | None = None

    @property
    def about(self) -> str:
        """Return the id of what is wrong."""
        return self.subject.rpartition(" ")[2]


def item_of_stuck(found: StuckOperation) -> AttentionItem:
    """Return what people are told about an operation that is stuck."""
    return AttentionItem(
        key=f"{ITEM_PREFIX}{AttentionKind.OPERATION_STUCK}:{found.operation_id}",
        kind=AttentionKind.OPERATION_STUCK,
        subject=f"{found.kind} {found.operation_id}",
        problem=f"The provider was asked at {_moment(found.sent_at)} and what became of it is"
        " unknown.",
        delivery_id=found.delivery_id,
    )


def item_of_claim(found: WaitingClaim) -> AttentionItem:
    """Return what people are told about a claim that waits for a phone which does not come back."""
    return AttentionItem(
        key=f"{ITEM_PREFIX}{AttentionKind.OFFLINE_CLAIM}:{found.claim_id}",
        kind=AttentionKind.OFFLINE_CLAIM,
        subject=f"claim {found.claim_id}",
        problem=f"It came in at {_moment(found.received_at)} and was never judged to the end.",
        delivery_id=found.delivery_id,
        suggested_repair="Ask the traveler to open the page for scanning again, in a network: the"
        " phone sends what is pending.",
    )


def item_of_held(found: MoneyHeld) -> AttentionItem:
    """Return what people are told about money that is held too long."""
    currency = found.amount.currency
    return AttentionItem(
        key=f"{ITEM_PREFIX}{AttentionKind.HELD_TOO_LONG}:{found.delivery_id}:{currency}",
        kind=AttentionKind.HELD_TOO_LONG,
        subject=f"held payment of {found.amount}",
        problem=f"It is held since {_moment(found.since)}, longer than it may be.",
        delivery_id=found.delivery_id,
    )


def item_of_broken(found: BrokenInvariant) -> AttentionItem:
    """Return what people are told about a broken invariant."""
    is_overdue = found.invariant == _ALERTS
    kind = AttentionKind.STEP_OVERDUE if is_overdue else AttentionKind.INVARIANT_BROKEN
    about = f"{found.invariant}:{found.delivery_id or 'all'}:{found.subject}"
    return AttentionItem(
        key=f"{ITEM_PREFIX}{kind}:{about}",
        kind=kind,
        subject=found.subject,
        problem=f"{found.invariant}: {found.problem}.",
        delivery_id=found.delivery_id,
    )


def unexplained(
    broken: Iterable[BrokenInvariant], explained: frozenset[str]
) -> tuple[BrokenInvariant, ...]:
    """Return what is not said already by a difference or an operation that is about the same."""
    return tuple(each for each in broken if each.about not in explained)


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
