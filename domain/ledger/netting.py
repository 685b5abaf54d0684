"""Debts that are kept back from a payout: what is still to be netted, and how it is booked."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.ids import DeliveryId, PersonId
from domain.ledger.accounts import Account, AccountKind, payable_to
from domain.ledger.depending import DeliveryBooks
from domain.ledger.surprises import Due, netting_bookings
from domain.ledger.transactions import (
    BookingKind,
    LedgerTransaction,
    booking,
    credit,
    debit,
)
from domain.money import Money

_NAME = ":reversal:netting"


def netting_id(delivery_id: DeliveryId, number: int) -> str:
    """Return the operation id of a delivery's netting, counted from 1: a reversal of its transfer."""
    return f"{delivery_id}{_NAME}" if number == 1 else f"{delivery_id}{_NAME}:{number}"


def is_netting(operation_id: str) -> bool:
    """Tell whether an operation keeps debts back, as no other reversal does."""
    return _NAME in operation_id


def unclaimed(dues: Iterable[Due], claimed: Money) -> tuple[Due, ...]:
    """Return what is left of debts once others have kept back so much for the oldest of them.

    Debts in other currencies are left out.
    """
    left_minor, found = claimed.amount_minor, []
    for due in dues:
        if due.amount.currency != claimed.currency:
            continue
        part_minor = min(max(left_minor, 0), due.amount.amount_minor)
        left_minor -= part_minor
        if due.amount.amount_minor > part_minor:
            rest = Money(due.amount.amount_minor - part_minor, claimed.currency)
            found.append(Due(due.delivery_id, rest))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class DuesNetted:
    """A transfer was taken back to pay debts; those that were paid meanwhile are not paid twice."""

    key: str
    delivery_id: DeliveryId
    traveler_id: PersonId
    amount: Money
    """What was taken back: the sum of the debts when it was asked for."""
    dues: tuple[Due, ...]

    def completed(self, books: DeliveryBooks) -> tuple[LedgerTransaction, ...]:
        """Return how each debt is paid as far as it is still owed; the rest is kept to be returned."""
        found: list[LedgerTransaction] = []
        left = self.amount
        for due in _still_owed(self.dues, books.dues):
            key = f"{self.key}:{due.delivery_id}"
            found += netting_bookings(key, self.delivery_id, self.traveler_id, due)
            left = left - due.amount
        if left.amount_minor:
            found.append(_kept(surplus_key(self.key), self.delivery_id, self.traveler_id, left))
        return tuple(found)


def surplus_key(key: str) -> str:
    """Return the key under which a netting books what nobody owed any more."""
    return f"{key}:surplus"


def surplus_returned_booking(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, amount: Money
) -> LedgerTransaction:
    """Book that what was kept back for a debt that was paid meanwhile went back to the traveler."""
    back = debit(_between(traveler_id), amount), credit(payable_to(traveler_id), amount)
    return booking(key, BookingKind.NETTING_RETURN, delivery_id, back)


def _kept(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, amount: Money
) -> LedgerTransaction:
    taken = debit(payable_to(traveler_id), amount), credit(_between(traveler_id), amount)
    return booking(key, BookingKind.NETTING, delivery_id, taken)


def _still_owed(planned: Iterable[Due], dues: Iterable[Due]) -> Iterable[Due]:
    owed = {(due.delivery_id, due.amount.currency): due.amount.amount_minor for due in dues}
    for due in planned:
        currency = due.amount.currency
        part_minor = min(due.amount.amount_minor, owed.get((due.delivery_id, currency), 0))
        if part_minor > 0:
            yield Due(due.delivery_id, Money(part_minor, currency))


def _between(traveler_id: PersonId) -> Account:
    return Account(AccountKind.NETTING, traveler_id)
