"""Double-entry postings of every movement of money, as pure rules.

A posting is positive for a debit and negative for a credit; a transaction's postings sum to zero.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from domain.ids import DeliveryId, PersonId
from domain.money import Money


class AccountKind(StrEnum):
    """The accounts of the ledger."""

    PROVIDER_CASH = "provider_cash"
    ESCROW = "escrow"
    TRAVELER_PAYABLE = "traveler_payable"
    FEE_REVENUE = "fee_revenue"


DEBIT_NORMAL: frozenset[AccountKind] = frozenset({AccountKind.PROVIDER_CASH})
"""Assets; every other account grows by credits."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account; balances of all of them are guarded and never go below zero."""

    kind: AccountKind
    owner: str = ""
    """Delivery id for escrow, person id for a payable, empty for the platform's own accounts."""

    @property
    def name(self) -> str:
        """Return `kind` or `kind:owner`."""
        return f"{self.kind}:{self.owner}" if self.owner else str(self.kind)


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
    """What it books: charge, refund, release or payout."""
    delivery_id: DeliveryId
    postings: tuple[Posting, ...]


class Unbalanced(Exception):
    """The postings of a transaction do not sum to zero: a fault of ours."""


_CASH = Account(AccountKind.PROVIDER_CASH)
_FEES = Account(AccountKind.FEE_REVENUE)


def charge_booking(key: str, delivery_id: DeliveryId, amount: Money) -> LedgerTransaction:
    """Book a captured charge: the provider holds the money, the platform owes it to the delivery."""
    return _booking(key, "charge", delivery_id, ((_CASH, amount), (_escrow(delivery_id), -amount)))


def refund_booking(key: str, delivery_id: DeliveryId, amount: Money) -> LedgerTransaction:
    """Book money that went back to the customer."""
    return _booking(key, "refund", delivery_id, ((_escrow(delivery_id), amount), (_CASH, -amount)))


def release_booking(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, traveler: Money, fee: Money
) -> LedgerTransaction:
    """Book a release: the traveler is owed the price less the fee, which is recognised here."""
    return _booking(
        key,
        "release",
        delivery_id,
        (
            (_escrow(delivery_id), traveler + fee),
            (_payable(traveler_id), -traveler),
            (_FEES, -fee),
        ),
    )


def payout_booking(
    key: str, delivery_id: DeliveryId, traveler_id: PersonId, amount: Money
) -> LedgerTransaction:
    """Book money that left the provider for the traveler's bank."""
    return _booking(key, "payout", delivery_id, ((_payable(traveler_id), amount), (_CASH, -amount)))


def require_balanced(transaction: LedgerTransaction) -> None:
    """Check that the postings sum to zero in each currency.

    Raises:
        Unbalanced: they do not.
    """
    totals: dict[str, int] = {}
    for posting in transaction.postings:
        money = posting.amount
        totals[money.currency] = totals.get(money.currency, 0) + money.amount_minor
    if not transaction.postings or any(totals.values()):
        raise Unbalanced(f"{transaction.key}: {totals}")


def _escrow(delivery_id: DeliveryId) -> Account:
    return Account(AccountKind.ESCROW, delivery_id)


def _payable(traveler_id: PersonId) -> Account:
    return Account(AccountKind.TRAVELER_PAYABLE, traveler_id)


def _booking(
    key: str, kind: str, delivery_id: DeliveryId, lines: tuple[tuple[Account, Money], ...]
) -> LedgerTransaction:
    postings = tuple(Posting(account, amount) for account, amount in lines if amount.amount_minor)
    transaction = LedgerTransaction(key, kind, delivery_id, postings)
    require_balanced(transaction)
    return transaction
