"""Bookings on the way in: authorise, charge, what the provider takes for it, and tips."""

from __future__ import annotations

from domain.ids import DeliveryId, PersonId
from domain.ledger.accounts import (
    CASH,
    PROVIDER_FEES,
    Account,
    AccountKind,
    customer_dues,
    escrow_of,
)
from domain.ledger.transactions import BookingKind, LedgerTransaction, booking, credit, debit
from domain.money import Money


def authorisation_booking(key: str, delivery_id: DeliveryId, amount: Money) -> LedgerTransaction:
    """Note money that a card has set aside and that nobody has taken yet."""
    promised = debit(_authorised(delivery_id), amount), credit(_promised(delivery_id), amount)
    return booking(key, BookingKind.AUTHORISATION, delivery_id, promised)


def authorisation_release_booking(
    key: str, delivery_id: DeliveryId, amount: Money
) -> LedgerTransaction:
    """Strike an authorisation out: it was captured, voided or has expired."""
    struck = debit(_promised(delivery_id), amount), credit(_authorised(delivery_id), amount)
    return booking(key, BookingKind.AUTHORISATION_RELEASE, delivery_id, struck)


def charge_booking(key: str, delivery_id: DeliveryId, amount: Money) -> LedgerTransaction:
    """Book a captured charge: the provider holds the money, the platform owes it to the delivery."""
    held = debit(CASH, amount), credit(escrow_of(delivery_id), amount)
    return booking(key, BookingKind.CHARGE, delivery_id, held)


def provider_fee_booking(key: str, delivery_id: DeliveryId, fee: Money) -> LedgerTransaction:
    """Book what the provider kept, as its balance transaction says it; the platform bears it.

    The fee may be in another currency than the payment it is for.
    """
    kept = debit(PROVIDER_FEES, fee), credit(CASH, fee)
    return booking(key, BookingKind.PROVIDER_FEE, delivery_id, kept)


def provider_fee_return_booking(key: str, delivery_id: DeliveryId, fee: Money) -> LedgerTransaction:
    """Book a fee that the provider gave back."""
    returned = debit(CASH, fee), credit(PROVIDER_FEES, fee)
    return booking(key, BookingKind.PROVIDER_FEE_RETURN, delivery_id, returned)


def tip_booking(key: str, delivery_id: DeliveryId, amount: Money) -> LedgerTransaction:
    """Book a charged tip: all of it is the traveler's, and it is kept apart from the price."""
    given = debit(CASH, amount), credit(tips_of(delivery_id), amount)
    return booking(key, BookingKind.TIP, delivery_id, given)


def dues_booking(
    key: str, delivery_id: DeliveryId, customer_id: PersonId, amount: Money
) -> LedgerTransaction:
    """Book what a customer owes without having paid it: the delivery can be settled with it.

    For example the compensation after a no-show whose authorisation had died.
    """
    owed = debit(customer_dues(customer_id), amount), credit(escrow_of(delivery_id), amount)
    return booking(key, BookingKind.DUES, delivery_id, owed)


def tips_of(delivery_id: DeliveryId) -> Account:
    """Return the account of the tips of a delivery."""
    return Account(AccountKind.TIPS, delivery_id)


def _authorised(delivery_id: DeliveryId) -> Account:
    return Account(AccountKind.MEMO_AUTHORISED, delivery_id)


def _promised(delivery_id: DeliveryId) -> Account:
    return Account(AccountKind.MEMO_PROMISED, delivery_id)
