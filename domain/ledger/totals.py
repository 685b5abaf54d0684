"""Where every minor unit of one delivery is, in one equation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.ledger.accounts import AccountKind
from domain.ledger.transactions import BookingKind, LedgerTransaction

_A, _K = AccountKind, BookingKind

IN_CUSTODY = frozenset({_A.ESCROW, _A.TRANSFER_RESERVE, _A.TIPS})
OWED = frozenset({_A.CUSTOMER_DUES, _A.TRAVELER_DUES})
LOST = frozenset({_A.PLATFORM_LOSS, _A.COMPENSATION})


@dataclass(frozen=True, slots=True)
class DeliveryTotals:
    """What became of a delivery's money. Units: minor units of one currency.

    `charged + repaid = refunded + charged_back + transferred - reversed + fees + held - dues
    - losses`: dues and losses are money that left without having come in for this delivery.
    """

    charged: int
    """Captured from the customer, tips included."""
    repaid: int
    """Debts that were paid with new money or out of other payouts."""
    refunded: int
    """Went back to the customer."""
    charged_back: int
    """Taken by a card network for good."""
    transferred: int
    """Handed to the traveler, paid out or not."""
    reversed: int
    """Taken back from the traveler before it was paid out."""
    fees: int
    """Earned by the platform."""
    held: int
    """In escrow, reserved for a release or a tip on its way."""
    dues: int
    """Owed by customers and travelers."""
    losses: int
    """Borne by the platform."""

    @property
    def is_whole(self) -> bool:
        """Tell whether nothing is missing and nothing is too much."""
        left = self.refunded + self.charged_back + self.transferred - self.reversed + self.fees
        return self.charged + self.repaid == left + self.held - self.dues - self.losses

    @property
    def is_settled(self) -> bool:
        """Tell whether nothing is held or owed any more."""
        return not self.held and not self.dues


def totals_of(transactions: Iterable[LedgerTransaction], currency: str) -> DeliveryTotals:
    """Return what became of the money of one delivery in one currency.

    Shape: `transactions` are those of that delivery only.
    """
    moves = _Moves(transactions, currency)
    cash, payable = frozenset({_A.PROVIDER_CASH}), frozenset({_A.TRAVELER_PAYABLE})
    taken = -moves.sum(cash, _K.CHARGEBACK, _K.CHARGEBACK_WON)
    given = (_K.RELEASE, _K.COMPENSATION, _K.TIP_RELEASE)
    netted = -moves.sum(frozenset({_A.TRAVELER_DUES}), _K.NETTING)
    return DeliveryTotals(
        charged=moves.sum(cash, _K.CHARGE, _K.CHARGE_UNDONE, _K.TIP),
        repaid=moves.sum(cash, _K.DUES_PAID) + netted,
        refunded=-moves.sum(cash, _K.REFUND, _K.REFUND_UNDONE),
        charged_back=taken - moves.sum(frozenset({_A.DISPUTED_FUNDS})),
        transferred=-moves.sum(payable, *given),
        reversed=moves.sum(payable, _K.REVERSAL),
        fees=-moves.sum(frozenset({_A.FEE_REVENUE})),
        held=-moves.sum(IN_CUSTODY),
        dues=moves.sum(OWED),
        losses=moves.sum(LOST),
    )


class _Moves:
    """The postings of a delivery in one currency, to be summed up; debits are positive."""

    def __init__(self, transactions: Iterable[LedgerTransaction], currency: str) -> None:
        self._moves = [
            (posting.account.kind, transaction.kind, posting.amount.amount_minor)
            for transaction in transactions
            for posting in transaction.postings
            if posting.amount.currency == currency
        ]

    def sum(self, accounts: frozenset[AccountKind], *kinds: BookingKind) -> int:
        return sum(
            amount
            for account, kind, amount in self._moves
            if account in accounts and (not kinds or kind in kinds)
        )
