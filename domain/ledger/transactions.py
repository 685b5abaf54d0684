"""Ledger transactions: balanced sets of postings, and who bears what they cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.ids import DeliveryId
from domain.ledger.accounts import FEES, MEMO, Account
from domain.money import Money


class Bearer(StrEnum):
    """Out of whose pocket a refund, a loss or a compensation comes."""

    CUSTOMER = "customer"
    TRAVELER = "traveler"
    PLATFORM = "platform"


class BookingKind(StrEnum):
    """What a transaction books."""

    AUTHORISATION = "authorisation"
    AUTHORISATION_RELEASE = "authorisation_release"
    CHARGE = "charge"
    CHARGE_UNDONE = "charge_undone"
    PROVIDER_FEE = "provider_fee"
    PROVIDER_FEE_RETURN = "provider_fee_return"
    RESERVE = "reserve"
    RESERVE_RELEASE = "reserve_release"
    RELEASE = "release"
    PAYOUT = "payout"
    PAYOUT_UNDONE = "payout_undone"
    REFUND = "refund"
    REFUND_UNDONE = "refund_undone"
    COMPENSATION = "compensation"
    TIP = "tip"
    TIP_RELEASE = "tip_release"
    DUES = "dues"
    DUES_PAID = "dues_paid"
    REVERSAL = "reversal"
    NETTING = "netting"
    NETTING_RETURN = "netting_return"
    WRITE_OFF = "write_off"
    CHARGEBACK = "chargeback"
    CHARGEBACK_WON = "chargeback_won"
    CHARGEBACK_LOST = "chargeback_lost"


_K = BookingKind

RECOGNISING: frozenset[BookingKind] = frozenset({_K.RELEASE, _K.COMPENSATION})
"""The only bookings that may earn a platform fee: both release the held payment."""
UNASKED: frozenset[BookingKind] = frozenset(
    {
        _K.AUTHORISATION_RELEASE,
        _K.CHARGE_UNDONE,
        _K.PROVIDER_FEE,
        _K.PROVIDER_FEE_RETURN,
        _K.RESERVE,
        _K.RESERVE_RELEASE,
        _K.PAYOUT_UNDONE,
        _K.REFUND_UNDONE,
        _K.DUES,
        _K.DUES_PAID,
        _K.NETTING,
        _K.WRITE_OFF,
        _K.CHARGEBACK,
        _K.CHARGEBACK_WON,
        _K.CHARGEBACK_LOST,
    }
)
"""Bookings without a payment operation: they move nothing, or the provider moved it by itself."""
NAMES_BEARER: frozenset[BookingKind] = frozenset(
    {_K.REFUND, _K.COMPENSATION, _K.WRITE_OFF, _K.CHARGEBACK_LOST}
)
"""Bookings that somebody pays for, and that therefore say who."""
UNDONE: Mapping[BookingKind, BookingKind] = {
    _K.CHARGE: _K.CHARGE_UNDONE,
    _K.REFUND: _K.REFUND_UNDONE,
    _K.PAYOUT: _K.PAYOUT_UNDONE,
}
"""What a provider may take back after it had succeeded, and how that is booked."""


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of a ledger transaction."""

    account: Account
    amount: Money
    """Positive for a debit, negative for a credit."""


@dataclass(frozen=True, slots=True)
class LedgerTransaction:
    """A balanced set of postings.

    Idempotency: `key` is unique over the whole ledger; the same key with other postings is refused.
    """

    key: str
    kind: str
    """What it books: a `BookingKind`."""
    delivery_id: DeliveryId
    postings: tuple[Posting, ...]
    bearer: Bearer | None = None
    """Who bears it; named for every kind of `NAMES_BEARER`."""


class Unbalanced(Exception):
    """The postings of a transaction do not sum to zero: a fault of ours."""


class NegativeAmount(ValueError):
    """A booking was asked for less than nothing: it would book the opposite."""


def debit(account: Account, amount: Money) -> Posting:
    """Return a debit.

    Raises:
        NegativeAmount: the amount is below zero.
    """
    return Posting(account, _require_amount(amount))


def credit(account: Account, amount: Money) -> Posting:
    """Return a credit.

    Raises:
        NegativeAmount: the amount is below zero.
    """
    return Posting(account, -_require_amount(amount))


def booking(
    key: str,
    kind: BookingKind,
    delivery_id: DeliveryId,
    postings: Iterable[Posting],
    bearer: Bearer | None = None,
) -> LedgerTransaction:
    """Return a transaction of the postings that move anything.

    Raises:
        Unbalanced: they do not sum to zero, or move nothing at all.
    """
    moving = tuple(posting for posting in postings if posting.amount.amount_minor)
    transaction = LedgerTransaction(key, kind.value, delivery_id, moving, bearer)
    require_balanced(transaction)
    return transaction


def undo_booking(key: str, original: LedgerTransaction) -> LedgerTransaction:
    """Book that the provider took something back: a failed refund or charge, a returned payout.

    Raises:
        ValueError: the original is of a kind that no provider takes back.
    """
    kind = UNDONE.get(BookingKind(original.kind))
    if kind is None:
        raise ValueError(f"a {original.kind} is never taken back")
    mirrored = (Posting(posting.account, -posting.amount) for posting in original.postings)
    return booking(key, kind, original.delivery_id, mirrored)


def require_balanced(transaction: LedgerTransaction) -> None:
    """Check that postings sum to zero per currency, and those of memo accounts by themselves.

    Raises:
        Unbalanced: they do not, or a fee is earned by a booking that releases nothing.
    """
    totals: dict[tuple[str, bool], int] = {}
    for posting in transaction.postings:
        side = posting.amount.currency, posting.account.kind in MEMO
        totals[side] = totals.get(side, 0) + posting.amount.amount_minor
        if posting.account == FEES and transaction.kind not in RECOGNISING:
            raise Unbalanced(f"{transaction.key}: a {transaction.kind} earns no fee")
    if not transaction.postings or any(totals.values()):
        raise Unbalanced(f"{transaction.key}: {totals}")


def _require_amount(amount: Money) -> Money:
    if amount.amount_minor < 0:
        raise NegativeAmount(f"{amount} is below zero")
    return amount
