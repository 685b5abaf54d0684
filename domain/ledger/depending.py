"""Bookings that depend on what stands in the books at the moment they are made.

Each is an order with all that is known before; it is completed inside the transaction that books it,
when nothing else of the same delivery can be booked in between.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Protocol

from domain.ids import DeliveryId, PersonId
from domain.ledger.accounts import CASH, Account, AccountKind, payable_to
from domain.ledger.settling import compensation_booking, release_booking
from domain.ledger.surprises import Due, netting_bookings, recall_booking
from domain.ledger.transactions import (
    BookingKind,
    LedgerTransaction,
    booking,
    credit,
    debit,
)
from domain.money import Money


@dataclass(frozen=True, slots=True)
class DeliveryBooks:
    """Everything that is booked for one delivery, and what is on its way out."""

    transactions: tuple[LedgerTransaction, ...]
    """Oldest first."""
    payouts_under_way: Money
    """Asked for at the provider and not booked: it may have left the traveler's account already."""
    dues: tuple[Due, ...] = ()
    """What the traveler owes from any delivery, the oldest first; for bookings that pay it."""
    draws_under_way: Money | None = None
    """Releases and refunds that were asked for and are not booked: they may have left the held payment
    already. None when there are none."""
    traveler_id: PersonId | None = None
    """Who carries the parcel: what another one got who handed it on is not that traveler's. Everybody's
    counts when none."""

    def concerns(self, account: Account) -> bool:
        """Tell whether an account belongs to nobody, or not to another traveler."""
        is_person = account.kind in (AccountKind.TRAVELER_PAYABLE, AccountKind.TRAVELER_DUES)
        return not is_person or self.traveler_id in (None, account.owner)

    def on(self, kind: AccountKind) -> Money:
        """Return what the delivery left on the accounts of a kind, counted on their own side."""
        currency = self.payouts_under_way.currency
        return Money(
            sum(
                posting.account.sign * posting.amount.amount_minor
                for transaction in self.transactions
                for posting in transaction.postings
                if posting.account.kind is kind
                and posting.amount.currency == currency
                and self.concerns(posting.account)
            ),
            currency,
        )

    @property
    def with_traveler(self) -> Money:
        """Return what is surely still on the traveler's account for this delivery."""
        nothing = Money(0, self.payouts_under_way.currency)
        return _greater(nothing, self.on(AccountKind.TRAVELER_PAYABLE) - self.payouts_under_way)

    @property
    def surely_held(self) -> Money:
        """Return what is held for this delivery and not on its way out."""
        nothing = Money(0, self.payouts_under_way.currency)
        return _greater(nothing, self.in_custody - (self.draws_under_way or nothing))

    @property
    def in_custody(self) -> Money:
        """Return what is held for this delivery, set aside for a release or not."""
        return self.on(AccountKind.ESCROW) + self.on(AccountKind.TRANSFER_RESERVE)

    def covers(self, amount: Money) -> Money:
        """Return how much of an amount is surely still on the traveler's account."""
        return _lesser(amount, self.with_traveler)


def payee_of(booked: LedgerTransaction | None) -> PersonId | None:
    """Return the traveler whose account a booking moves, if it moves one."""
    found = (
        posting.account.owner
        for posting in (booked.postings if booked is not None else ())
        if posting.account.kind is AccountKind.TRAVELER_PAYABLE
    )
    owner = next(found, None)
    return PersonId(owner) if owner else None


class OpenBooking(Protocol):
    """A booking that is completed when it is made."""

    def completed(self, books: DeliveryBooks) -> tuple[LedgerTransaction, ...]:
        """Return what is booked; empty when nothing is left to book."""
        ...


@dataclass(frozen=True, slots=True)
class TransferRecalled:
    """A transfer was taken back into the held payment, to be frozen there."""

    key: str
    delivery_id: DeliveryId
    traveler_id: PersonId
    amount: Money
    from_account: bool
    """The provider pays accounts out by itself and took it from one: it had not been paid out yet."""

    def completed(self, books: DeliveryBooks) -> tuple[LedgerTransaction, ...]:
        """Return the recall; what does not stand on the traveler's account is owed from then on."""
        covered = books.covers(self.amount)
        missing = self.amount - covered
        if not self.from_account or not missing.amount_minor:
            recalled = self.key, self.delivery_id, self.traveler_id, self.amount, covered
            return (recall_booking(*recalled),)
        unpaid = taken_from_payout(self.key, self.delivery_id, self.traveler_id, missing)
        whole = self.key, self.delivery_id, self.traveler_id, self.amount, self.amount
        return unpaid, recall_booking(*whole)


@dataclass(frozen=True, slots=True)
class Released:
    """The traveler's part was transferred, and the platform's fee is earned."""

    key: str
    delivery_id: DeliveryId
    traveler_id: PersonId
    traveler: Money
    fee: Money
    in_vain: bool = False
    """It is for a journey in vain: a compensation, which the customer bears."""

    def completed(self, books: DeliveryBooks) -> tuple[LedgerTransaction, ...]:
        """Return the release, out of what was set aside for it before the provider was asked.

        One that was asked for by a release of the platform that set nothing aside is taken out of
        the held payment.
        """
        missing = self.traveler + self.fee - books.on(AccountKind.TRANSFER_RESERVE)
        parts = self.key, self.delivery_id, self.traveler_id, self.traveler, self.fee
        make = compensation_booking if self.in_vain else release_booking
        return (make(*parts, reserved=missing.amount_minor <= 0),)


@dataclass(frozen=True, slots=True)
class ReleasedAgain:
    """What a recall had brought back was transferred to the traveler again; no fee is earned."""

    key: str
    recall_key: str
    """Key of the recall."""
    delivery_id: DeliveryId
    traveler_id: PersonId
    amount: Money

    def completed(self, books: DeliveryBooks) -> tuple[LedgerTransaction, ...]:
        """Return the release, and how it pays what the traveler owes since the recall."""
        nothing = Money(0, self.amount.currency)
        released = release_booking(
            self.key, self.delivery_id, self.traveler_id, self.amount, nothing
        )
        owed = _lesser(self._owed_since_recall(books), books.on(AccountKind.TRAVELER_DUES))
        paid = _lesser(owed, self.amount)
        if paid.amount_minor <= 0:
            return (released,)
        due = Due(self.delivery_id, paid)
        netted = netting_bookings(f"{self.key}:dues", self.delivery_id, self.traveler_id, due)
        return released, *netted

    def _owed_since_recall(self, books: DeliveryBooks) -> Money:
        recalls = (each for each in books.transactions if each.key == self.recall_key)
        owed = sum(
            posting.amount.amount_minor
            for recall in recalls
            for posting in recall.postings
            if posting.account.kind is AccountKind.TRAVELER_DUES
        )
        return Money(owed, self.amount.currency)


def taken_from_payout(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, amount: Money
) -> LedgerTransaction:
    """Book that a part of what counted as paid out never left: a reversal found it in the account."""
    back = debit(CASH, amount), credit(payable_to(traveler_id), amount)
    return booking(f"{key}:unpaid", BookingKind.PAYOUT_UNDONE, delivery_id, back)


def completed(
    bookings: Iterable[LedgerTransaction | OpenBooking], books: DeliveryBooks
) -> tuple[LedgerTransaction, ...]:
    """Return bookings with the open ones completed, in their order."""
    found: list[LedgerTransaction] = []
    for each in bookings:
        found += [each] if isinstance(each, LedgerTransaction) else each.completed(books)
    return tuple(found)


def _lesser(one: Money, other: Money) -> Money:
    return one if (one - other).amount_minor <= 0 else other


def _greater(one: Money, other: Money) -> Money:
    return other if (one - other).amount_minor <= 0 else one
