"""Bookings of money that comes back after it was booked as gone: failed refunds, charges, reversals."""

from __future__ import annotations

from dataclasses import dataclass

from domain.ids import DeliveryId, PersonId
from domain.ledger.accounts import CASH, LOSS, escrow_of
from domain.ledger.burdens import Burden
from domain.ledger.depending import DeliveryBooks, taken_from_payout
from domain.ledger.holding import tips_of
from domain.ledger.surprises import reversal_booking
from domain.ledger.transactions import (
    BookingKind,
    LedgerTransaction,
    booking,
    credit,
    debit,
)
from domain.money import Money


def refund_undone_booking(key: str, delivery_id: DeliveryId, refunded: Money) -> LedgerTransaction:
    """Book that a refund came back: the money waits in the held payment to be refunded again.

    That holds for a refund which somebody else bore, too: it is the customer's money all the same,
    and who bears it does not change.
    """
    back = debit(CASH, refunded), credit(escrow_of(delivery_id), refunded)
    return booking(key, BookingKind.REFUND_UNDONE, delivery_id, back)


def charge_undone_booking(key: str, delivery_id: DeliveryId, burden: Burden) -> LedgerTransaction:
    """Book that a captured payment failed after all; what is not held any more is owed."""
    lines = *burden.debits(delivery_id), credit(CASH, burden.amount)
    return booking(key, BookingKind.CHARGE_UNDONE, delivery_id, lines)


def tip_undone_booking(
    key: str, delivery_id: DeliveryId, amount: Money, held: Money
) -> LedgerTransaction:
    """Book that a tip failed after all: nobody owes a tip, so what was sent is the platform's loss."""
    lines = debit(tips_of(delivery_id), held), debit(LOSS, amount - held), credit(CASH, amount)
    return booking(key, BookingKind.CHARGE_UNDONE, delivery_id, lines)


@dataclass(frozen=True, slots=True)
class TransferReversed:
    """A transfer was taken back to make up for what the traveler owes."""

    key: str
    delivery_id: DeliveryId
    traveler_id: PersonId
    amount: Money
    from_account: bool
    """The provider pays accounts out by itself and took it from one: it had not been paid out yet."""

    def completed(self, books: DeliveryBooks) -> tuple[LedgerTransaction, ...]:
        """Return the reversal; what does not stand on the traveler's account stays owed."""
        parts = self.key, self.delivery_id, self.traveler_id, self.amount
        covered = books.covers(self.amount)
        missing = self.amount - covered
        if not self.from_account or not missing.amount_minor:
            return (reversal_booking(*parts, covered),)
        unpaid = taken_from_payout(self.key, self.delivery_id, self.traveler_id, missing)
        return unpaid, reversal_booking(*parts, self.amount)
