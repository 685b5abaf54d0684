"""Bookings on the way out: release, payout, refund, cancellation, no-show, verdict and tip."""

from __future__ import annotations

from dataclasses import dataclass

from domain.ids import DeliveryId, PersonId
from domain.ledger.accounts import (
    CASH,
    COMPENSATION,
    FEES,
    Account,
    AccountKind,
    escrow_of,
    payable_to,
)
from domain.ledger.burdens import Burden
from domain.ledger.holding import tips_of
from domain.ledger.transactions import (
    Bearer,
    BookingKind,
    LedgerTransaction,
    booking,
    credit,
    debit,
)
from domain.money import Money
from domain.pricing import PriceShares

WHOLE_BASIS_POINTS = 10_000


@dataclass(frozen=True, slots=True)
class CancellationShares:
    """How a held payment is shared out when a delivery is cancelled; the parts sum to it."""

    refund: Money
    """What the customer gets back."""
    compensation: Money
    """What the traveler gets for a journey in vain."""
    fee: Money
    """What the platform earns."""


def cancellation_shares(
    held: Money, compensation_basis_points: int, fee_basis_points: int
) -> CancellationShares:
    """Share a held payment out by the tier that applies, by largest remainder, exactly.

    Units: basis points of the held payment.

    Raises:
        ValueError: the tier asks for more than all of it, or for less than nothing.
    """
    refund_basis_points = WHOLE_BASIS_POINTS - compensation_basis_points - fee_basis_points
    return CancellationShares(
        *held.split((refund_basis_points, compensation_basis_points, fee_basis_points))
    )


def reserve_booking(key: str, delivery_id: DeliveryId, amount: Money) -> LedgerTransaction:
    """Set a part of the held payment aside for a release in flight: no refund can take it then."""
    moved = debit(escrow_of(delivery_id), amount), credit(_reserve(delivery_id), amount)
    return booking(key, BookingKind.RESERVE, delivery_id, moved)


def reserve_release_booking(key: str, delivery_id: DeliveryId, amount: Money) -> LedgerTransaction:
    """Give a reserve back to the held payment: the release did not happen."""
    moved = debit(_reserve(delivery_id), amount), credit(escrow_of(delivery_id), amount)
    return booking(key, BookingKind.RESERVE_RELEASE, delivery_id, moved)


def release_booking(
    key: str,
    delivery_id: DeliveryId,
    traveler_id: PersonId,
    traveler: Money,
    fee: Money,
    *,
    reserved: bool = False,
) -> LedgerTransaction:
    """Book a release: the traveler is owed the price less the fee, which is recognised here.

    With `reserved` it takes what a reserve had set aside.
    """
    source = _reserve(delivery_id) if reserved else escrow_of(delivery_id)
    lines = debit(source, traveler + fee), credit(payable_to(traveler_id), traveler)
    return booking(key, BookingKind.RELEASE, delivery_id, (*lines, credit(FEES, fee)))


def payout_booking(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, amount: Money
) -> LedgerTransaction:
    """Book money that left the provider for the traveler's bank."""
    paid = debit(payable_to(traveler_id), amount), credit(CASH, amount)
    return booking(key, BookingKind.PAYOUT, delivery_id, paid)


def refund_booking(
    key: str, delivery_id: DeliveryId, amount: Money, bearer: Bearer = Bearer.CUSTOMER
) -> LedgerTransaction:
    """Book money of the held payment that went back to the customer.

    It is the customer's own money, unless somebody else is to blame that nothing was earned.
    """
    back = debit(escrow_of(delivery_id), amount), credit(CASH, amount)
    return booking(key, BookingKind.REFUND, delivery_id, back, bearer)


def borne_refund_booking(key: str, delivery_id: DeliveryId, burden: Burden) -> LedgerTransaction:
    """Book a refund for which the held payment is not enough: goodwill, or a reversal to come."""
    lines = *burden.debits(delivery_id), credit(CASH, burden.amount)
    return booking(key, BookingKind.REFUND, delivery_id, lines, burden.bearer)


def compensation_booking(
    key: str,
    delivery_id: DeliveryId,
    traveler_id: PersonId,
    compensation: Money,
    fee: Money,
    *,
    reserved: bool = False,
) -> LedgerTransaction:
    """Book what a traveler gets of the held payment for a journey in vain; the customer bears it.

    With `reserved` it takes what a reserve had set aside.
    """
    source = _reserve(delivery_id) if reserved else escrow_of(delivery_id)
    lines = (
        debit(source, compensation + fee),
        credit(payable_to(traveler_id), compensation),
        credit(FEES, fee),
    )
    return booking(key, BookingKind.COMPENSATION, delivery_id, lines, Bearer.CUSTOMER)


def platform_compensation_booking(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, compensation: Money
) -> LedgerTransaction:
    """Book what the platform gives a traveler out of its own pocket."""
    lines = debit(COMPENSATION, compensation), credit(payable_to(traveler_id), compensation)
    return booking(key, BookingKind.COMPENSATION, delivery_id, lines, Bearer.PLATFORM)


def cancellation_bookings(
    delivery_id: DeliveryId,
    traveler_id: PersonId,
    shares: CancellationShares,
    *,
    refund_key: str,
    compensation_key: str,
) -> tuple[LedgerTransaction, ...]:
    """Book a cancellation, or a customer who did not show up, in full; empty parts are left out."""
    found = []
    if shares.refund.amount_minor:
        found.append(refund_booking(refund_key, delivery_id, shares.refund))
    if (shares.compensation + shares.fee).amount_minor:
        parts = shares.compensation, shares.fee
        found.append(compensation_booking(compensation_key, delivery_id, traveler_id, *parts))
    return tuple(found)


def traveler_no_show_booking(key: str, delivery_id: DeliveryId, held: Money) -> LedgerTransaction:
    """Book that the customer gets everything back because the traveler did not show up."""
    return refund_booking(key, delivery_id, held, Bearer.TRAVELER)


def verdict_bookings(
    delivery_id: DeliveryId,
    traveler_id: PersonId,
    refund: Money,
    shares: PriceShares,
    *,
    refund_key: str,
    release_key: str,
) -> tuple[LedgerTransaction, ...]:
    """Book a verdict in full: the refund and the release that share the held payment out.

    Both parts together are the held payment; empty parts are left out.
    """
    found = []
    if refund.amount_minor:
        found.append(refund_booking(refund_key, delivery_id, refund))
    if (shares.traveler + shares.fee).amount_minor:
        parts = shares.traveler, shares.fee
        found.append(release_booking(release_key, delivery_id, traveler_id, *parts))
    return tuple(found)


def tip_release_booking(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, amount: Money
) -> LedgerTransaction:
    """Book a tip that was transferred to the traveler, whole: no fee is taken from it."""
    lines = debit(tips_of(delivery_id), amount), credit(payable_to(traveler_id), amount)
    return booking(key, BookingKind.TIP_RELEASE, delivery_id, lines)


def _reserve(delivery_id: DeliveryId) -> Account:
    return Account(AccountKind.TRANSFER_RESERVE, delivery_id)
