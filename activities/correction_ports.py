"""What the activities of corrections need from the world: the books, and the list of corrections."""

from __future__ import annotations

from typing import Protocol

from activities.payment_ports import Operation
from domain.attention import AttentionItem
from domain.correcting.events import Correction
from domain.correcting.rules import CorrectionOrder, DeliveryMoney
from domain.correcting.undoing import TakenBack, Undone
from domain.ids import DeliveryId, PersonId
from domain.money import Money
from domain.transitions import LateEvent, PaymentIntent


class Corrections(Protocol):
    """Corrections in the database: each call is one transaction."""

    async def money_of(self, delivery_id: DeliveryId) -> DeliveryMoney:
        """Return what the books say of a delivery's money now."""
        ...

    async def order(self, order: CorrectionOrder, opening: LateEvent, reversal: Money) -> None:
        """Write a correction with its opening event, after checking its amount once more.

        `reversal` is what is planned to be taken back from the traveler's account. Where the order
        itself books something, that is booked with it.

        Raises:
            Refusal: as `check_amount` says, or `escrow_conflict` when the books have moved on.
        Idempotency: an order that is written already is left as it is.
        """
        ...

    async def note(
        self, late: LateEvent, item: AttentionItem | None = None, given_up: str = ""
    ) -> None:
        """Write an event of a correction, and with it what people must look at.

        `given_up` is an operation that nobody will ask for any more, unless it has succeeded.

        Idempotency: an event that is written already is left as it is.
        """
        ...

    async def give_up_again(self, late: LateEvent, correction: Correction) -> None:
        """Write that something is not given again, because its money has gone another way.

        Raises:
            Refusal: `skip_not_safe` while the money is there: it is somebody's.
        Idempotency: an event that is written already is left as it is.
        """
        ...

    async def left_to_refund(self, intent: PaymentIntent) -> Money:
        """Return how much of a refund is still held for it: a lost chargeback may have taken of it.

        Nothing once the provider was asked for it: what became of that comes first.
        """
        ...

    async def raise_item(self, item: AttentionItem) -> None:
        """Put something on the list of what people must look at.

        Idempotency: an item with the same key is only noted as seen again.
        """
        ...

    async def settle_item(self, key: str, by: PersonId | None, text: str) -> None:
        """Take what people had to look at off their list, saying why.

        Idempotency: what is settled stays as it is.
        """
        ...

    async def operation(self, operation_id: str) -> Operation | None:
        """Return how a payment operation is asked for now, or none when it was never recorded."""
        ...

    async def undo(self, taken: TakenBack) -> Undone:
        """Book that an operation which is known to have succeeded came undone.

        What now waits to go out again is written, and people are told, in the same transaction.

        Idempotency: an operation comes undone once; calling again returns what became of it.
        """
        ...
