"""What the provider takes back after it was booked, and how it goes out again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.attention import AttentionItem, AttentionKind
from domain.correcting.events import Correction
from domain.correcting.rules import CorrectionKind
from domain.deadlines import DeadlineKind
from domain.ids import DeliveryId
from domain.money import Money
from domain.policies import Policies
from domain.transitions import EventKind, OperationKind, PaymentIntent

REMINDER_S = 24 * 3_600
"""An agent who has not acted is reminded after a day."""

AGAIN: Mapping[OperationKind, CorrectionKind] = {
    OperationKind.REFUND: CorrectionKind.REFUND_AGAIN,
    OperationKind.VOID: CorrectionKind.REFUND_AGAIN,
    OperationKind.PAYOUT: CorrectionKind.PAYOUT_AGAIN,
}
"""How what came undone goes out again; a void that gave money back was a refund."""
TAKEN_BACK = frozenset({*AGAIN, OperationKind.CHARGE, OperationKind.CAPTURE})
"""Operations that a provider may take back after they had succeeded."""
UNDONE_EVENTS: Mapping[CorrectionKind, EventKind] = {
    CorrectionKind.REFUND_AGAIN: EventKind.REFUND_UNDONE,
    CorrectionKind.PAYOUT_AGAIN: EventKind.PAYOUT_UNDONE,
}
AGAIN_EVENTS: Mapping[CorrectionKind, EventKind] = {
    CorrectionKind.REFUND_AGAIN: EventKind.REFUNDED_AGAIN,
    CorrectionKind.PAYOUT_AGAIN: EventKind.PAID_OUT_AGAIN,
}
CLOCKS: Mapping[CorrectionKind, DeadlineKind] = {
    CorrectionKind.REFUND_AGAIN: DeadlineKind.REFUND_AGAIN,
    CorrectionKind.PAYOUT_AGAIN: DeadlineKind.PAYOUT_AGAIN,
}


@dataclass(frozen=True, slots=True)
class UndoneOrder:
    """Input of the workflow that deals with an operation that may have come undone."""

    operation_id: str
    """Our operation; the workflow id is `undone:<operation_id>`."""
    policies: Policies = field(default_factory=Policies)
    """The policies in force when the provider reported it."""


@dataclass(frozen=True, slots=True)
class TakenBack:
    """The provider's word that an operation which had succeeded did not after all."""

    operation_id: str
    """Our operation."""
    detail: str
    """The provider's code of the reason."""
    at: datetime
    """When we learned of it, by the workflow's clock, in UTC."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of an operation that the provider took back."""

    correction: Correction | None = None
    """What now waits to go out again; none when nothing came undone or nothing goes out again."""
    again: PaymentIntent | None = None
    """How it goes out again."""
    is_over: bool = False
    """It has been given again already."""


def smaller_refund(whole: PaymentIntent, left: Money) -> PaymentIntent:
    """Return the refund of what a lost chargeback has left of one that was never asked for."""
    first = ":".join(whole.operation_id.split(":")[:3])
    return replace(whole, operation_id=f"{first}:{left.amount_minor}", amount=left)


def item_of_undone(
    operation_id: str, kind: OperationKind, amount: Money, delivery_id: DeliveryId, detail: str
) -> AttentionItem:
    """Return what people are told about an operation that came undone."""
    what = _WORDS[kind]
    reason = f" ({detail})" if detail else ""
    return AttentionItem(
        key=item_key(operation_id),
        kind=_ITEM_KINDS[kind],
        subject=f"{what} {operation_id}",
        problem=f"The {what} of {amount} was booked, and the provider took it back{reason}.",
        delivery_id=delivery_id,
    )


def item_of_unread(operation_id: str, problem: str) -> AttentionItem:
    """Return what people are told when nobody can say whether an operation came undone."""
    return AttentionItem(
        key=item_key(operation_id),
        kind=AttentionKind.REFUND_UNDONE,
        subject=f"operation {operation_id}",
        problem=f"The provider reported that it came undone and cannot be asked: {problem}.",
        suggested_repair="Look it up at the provider. Once the provider can be asked again, replay"
        " its event: what came undone is then booked by itself.",
    )


def item_key(operation_id: str) -> str:
    """Return under which key people are told that an operation came undone."""
    return f"undone:{operation_id}"


def item_of_returned_payout(account: str, payout_id: str) -> AttentionItem:
    """Return what people are told when a payout that the provider made by itself came back."""
    return AttentionItem(
        key=f"payout_returned:{payout_id}",
        kind=AttentionKind.PAYOUT_UNDONE,
        subject=f"payout {payout_id}",
        problem=f"The bank of account {account} sent it back; the money is on that account.",
        suggested_repair="Ask the traveler to mend the bank account: the provider then pays it out"
        " again by itself, and there is nothing to book.",
    )


_REFUNDS = (OperationKind.REFUND, OperationKind.VOID)
_WORDS: Mapping[OperationKind, str] = {
    **dict.fromkeys(_REFUNDS, "refund"),
    OperationKind.PAYOUT: "payout",
    OperationKind.CHARGE: "charge",
    OperationKind.CAPTURE: "charge",
}
_ITEM_KINDS: Mapping[OperationKind, AttentionKind] = {
    **dict.fromkeys(_REFUNDS, AttentionKind.REFUND_UNDONE),
    OperationKind.PAYOUT: AttentionKind.PAYOUT_UNDONE,
    OperationKind.CHARGE: AttentionKind.CHARGE_UNDONE,
    OperationKind.CAPTURE: AttentionKind.CHARGE_UNDONE,
}
