"""Bookings of what comes late: reversals, debts and their netting, chargebacks and write-offs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.ids import DeliveryId, PersonId
from domain.ledger.accounts import (
    CASH,
    LOSS,
    Account,
    AccountKind,
    customer_dues,
    escrow_of,
    payable_to,
    traveler_dues,
)
from domain.ledger.burdens import Burden
from domain.ledger.transactions import (
    Bearer,
    BookingKind,
    LedgerTransaction,
    Posting,
    booking,
    credit,
    debit,
)
from domain.money import Money


@dataclass(frozen=True, slots=True)
class Due:
    """What a person owes on account of one delivery."""

    delivery_id: DeliveryId
    """The delivery that the debt is from."""
    amount: Money
    """How much is still owed."""


def reversal_booking(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, amount: Money, covered: Money
) -> LedgerTransaction:
    """Book a transfer that was taken back to make up for what the traveler owes.

    `covered` is the part that was not paid out yet; the traveler goes on owing the rest.
    """
    taken = _taken_back(traveler_id, amount, covered)
    lines = *taken, credit(traveler_dues(traveler_id), amount)
    return booking(key, BookingKind.REVERSAL, delivery_id, lines)


def recall_booking(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, amount: Money, covered: Money
) -> LedgerTransaction:
    """Book a transfer that was taken back into the held payment, to be frozen there.

    `covered` is the part that was not paid out yet; the traveler owes the rest.
    """
    taken = _taken_back(traveler_id, amount, covered)
    lines = *taken, credit(escrow_of(delivery_id), amount)
    return booking(key, BookingKind.REVERSAL, delivery_id, lines)


def netting_of(payable: Money, dues: Iterable[Due]) -> tuple[Due, ...]:
    """Return which debts a payout pays, and how much of each; the first ones come first.

    Debts in other currencies stay: nobody's money is converted.
    """
    left, found = payable.amount_minor, []
    for due in dues:
        part = min(left, due.amount.amount_minor)
        if part > 0 and due.amount.currency == payable.currency:
            found.append(Due(due.delivery_id, Money(part, payable.currency)))
            left -= part
    return tuple(found)


def netting_bookings(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, due: Due
) -> tuple[LedgerTransaction, LedgerTransaction]:
    """Book that a part of one delivery's payout pays the traveler's debt from another.

    There are two transactions, one for each delivery, so that each of them adds up by itself.
    """
    between = Account(AccountKind.NETTING, traveler_id)
    taken = debit(payable_to(traveler_id), due.amount), credit(between, due.amount)
    paid = debit(between, due.amount), credit(traveler_dues(traveler_id), due.amount)
    return (
        booking(f"{key}:taken", BookingKind.NETTING, delivery_id, taken),
        booking(f"{key}:paid", BookingKind.NETTING, due.delivery_id, paid),
    )


def dues_paid_booking(
    key: str, delivery_id: DeliveryId, debtor: Bearer, person_id: PersonId, amount: Money
) -> LedgerTransaction:
    """Book that somebody paid a debt with new money."""
    lines = debit(CASH, amount), credit(_dues(debtor, person_id), amount)
    return booking(key, BookingKind.DUES_PAID, delivery_id, lines)


def write_off_booking(
    key: str, delivery_id: DeliveryId, debtor: Bearer, person_id: PersonId, amount: Money
) -> LedgerTransaction:
    """Book a debt that nobody expects to be paid any more; the platform bears it."""
    lines = debit(LOSS, amount), credit(_dues(debtor, person_id), amount)
    return booking(key, BookingKind.WRITE_OFF, delivery_id, lines, Bearer.PLATFORM)


def chargeback_booking(key: str, delivery_id: DeliveryId, amount: Money) -> LedgerTransaction:
    """Book that a card network took disputed funds; an inquiry takes nothing and is not booked.

    The held payment stays as it is: it is frozen, not spent.
    """
    lines = debit(_disputed(delivery_id), amount), credit(CASH, amount)
    return booking(key, BookingKind.CHARGEBACK, delivery_id, lines)


def chargeback_won_booking(key: str, delivery_id: DeliveryId, amount: Money) -> LedgerTransaction:
    """Book that disputed funds were reinstated."""
    lines = debit(CASH, amount), credit(_disputed(delivery_id), amount)
    return booking(key, BookingKind.CHARGEBACK_WON, delivery_id, lines)


def chargeback_lost_booking(key: str, delivery_id: DeliveryId, burden: Burden) -> LedgerTransaction:
    """Book that disputed funds are gone, and who bears it.

    When several bear a part of it, each part is a booking of its own.
    """
    lines = *burden.debits(delivery_id), credit(_disputed(delivery_id), burden.amount)
    return booking(key, BookingKind.CHARGEBACK_LOST, delivery_id, lines, burden.bearer)


def _taken_back(traveler_id: PersonId, amount: Money, covered: Money) -> tuple[Posting, Posting]:
    return (
        debit(payable_to(traveler_id), covered),
        debit(traveler_dues(traveler_id), amount - covered),
    )


def _dues(debtor: Bearer, person_id: PersonId) -> Account:
    if debtor is Bearer.PLATFORM:
        raise ValueError("the platform owes itself nothing")
    return traveler_dues(person_id) if debtor is Bearer.TRAVELER else customer_dues(person_id)


def _disputed(delivery_id: DeliveryId) -> Account:
    return Account(AccountKind.DISPUTED_FUNDS, delivery_id)
