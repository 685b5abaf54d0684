"""The write-ahead log of what payment providers are asked to do, as the activities need it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from activities.payment_ports import Operation
from domain.errors import Refusal, RefusalCode
from domain.ids import PersonId
from domain.ledger import LedgerTransaction, OpenBooking
from domain.money import Money
from domain.transitions import LateEvent, PaymentIntent, PaymentOutcome, Transition


@dataclass(frozen=True, slots=True)
class OperationState:
    """What is known of a payment operation before a call."""

    sent: bool
    """The provider may have seen it."""
    succeeded: bool
    """It is booked; nothing is left to do."""
    operation: Operation
    """How to ask for it now."""
    source_succeeded: bool = False
    """What it draws on had succeeded, and was noted or booked."""
    capture_id: str = ""
    """For a void: our id of the operation that was to capture the same authorisation, if any."""
    is_frozen: bool = False
    """The provider may have seen it, and a chargeback has frozen the money since: it is looked up and
    not asked for again."""


class PaymentOperations(Protocol):
    """The write-ahead log of payment operations."""

    async def mark_sent(
        self, intent: PaymentIntent, *, dues_first: bool = False, reserved: bool = False
    ) -> OperationState:
        """Note that the provider is about to be asked; return what was known before.

        With `dues_first` a payout that was never sent waits for what the traveler owes, and a netting
        that was never sent claims it. With `reserved` a release that was never sent is set aside in
        the ledger, so that nothing else can take the same money, and a refund that was never sent is
        refused as `escrow_conflict` when less is held.

        Raises:
            Refusal: `escrow_conflict` when the intent was never recorded, differs from it or was
                superseded; `chargeback_open` when a chargeback has frozen what was never sent;
                `dues_first` for such a payout; `dues_changed` when others pay what a netting that
                was never sent is to pay.
        """
        ...

    async def mark_unsent(self, intent: PaymentIntent) -> None:
        """Note that the provider has nothing of it and that it is not asked for now.

        What was set aside for it is held again.

        Idempotency: an operation that is over is left as it is.
        """
        ...

    async def next_attempt(self, intent: PaymentIntent, spent: int, reason: str) -> Operation:
        """Note that an attempt can have no further effect, and return the one that follows it.

        Raises:
            Refusal: `escrow_conflict` as in `mark_sent`, or when the operation is over.
        Idempotency: an attempt is followed by one other, whoever asks first.
        """
        ...

    async def left_of_netting(self, intent: PaymentIntent) -> Money:
        """Return what a netting that has succeeded took back and nobody owed any more."""
        ...

    async def payout_account_of(self, person_id: PersonId) -> str:
        """Return a person's account at the provider; empty while there is none."""
        ...

    async def finish(
        self,
        intent: PaymentIntent,
        outcome: PaymentOutcome,
        provider_id: str,
        booking: tuple[LedgerTransaction | OpenBooking, ...],
        event: Transition | LateEvent | None,
    ) -> None:
        """Commit the outcome, the bookings and the event in one transaction.

        What a booking leaves open is completed then, from all that is booked for the delivery.

        Idempotency: an operation that has succeeded is left as it is.
        """
        ...


def frozen_by_chargeback(intent: PaymentIntent) -> Refusal:
    """Return why money of a charge is not moved while a card network has taken it."""
    return Refusal(
        RefusalCode.CHARGEBACK_OPEN, f"A chargeback has frozen what this {intent.kind} moves."
    )
