"""The accounts of the ledger: what each one means, whose it is and on which side it grows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from domain.ids import DeliveryId, PersonId


class AccountKind(StrEnum):
    """The accounts of the ledger."""

    PROVIDER_CASH = "provider_cash"
    ESCROW = "escrow"
    TRANSFER_RESERVE = "transfer_reserve"
    TRAVELER_PAYABLE = "traveler_payable"
    FEE_REVENUE = "fee_revenue"
    PROVIDER_FEE_EXPENSE = "provider_fee_expense"
    TIPS = "tips"
    COMPENSATION = "compensation"
    PLATFORM_LOSS = "platform_loss"
    CUSTOMER_DUES = "customer_dues"
    TRAVELER_DUES = "traveler_dues"
    NETTING = "netting"
    DISPUTED_FUNDS = "disputed_funds"
    MEMO_AUTHORISED = "memo_authorised"
    MEMO_PROMISED = "memo_promised"


_K = AccountKind

MEANINGS: Mapping[AccountKind, str] = {
    _K.PROVIDER_CASH: "what the payment provider holds for the platform and its travelers",
    _K.ESCROW: "the held payment of a delivery",
    _K.TRANSFER_RESERVE: "a part of the held payment that a release in flight has set aside",
    _K.TRAVELER_PAYABLE: "what was transferred to a traveler and is not paid out yet",
    _K.FEE_REVENUE: "platform fees, earned at release",
    _K.PROVIDER_FEE_EXPENSE: "what the payment provider charged",
    _K.TIPS: "tips that were paid and not yet transferred to the traveler",
    _K.COMPENSATION: "compensation of travelers out of the platform's own pocket",
    _K.PLATFORM_LOSS: "goodwill, lost chargebacks and debts written off",
    _K.CUSTOMER_DUES: "what a customer owes the platform",
    _K.TRAVELER_DUES: "what a traveler owes the platform: a negative balance",
    _K.NETTING: "kept back from one delivery's payout on its way to another delivery's debt",
    _K.DISPUTED_FUNDS: "taken by a card network until its dispute is decided",
    _K.MEMO_AUTHORISED: "authorised on a card and not captured; outside the balance",
    _K.MEMO_PROMISED: "counterpart of memo_authorised",
}
"""What each account stands for, in the words of the documents and the API."""

DEBIT_NORMAL: frozenset[AccountKind] = frozenset(
    {
        _K.PROVIDER_CASH,
        _K.PROVIDER_FEE_EXPENSE,
        _K.COMPENSATION,
        _K.PLATFORM_LOSS,
        _K.CUSTOMER_DUES,
        _K.TRAVELER_DUES,
        _K.DISPUTED_FUNDS,
        _K.MEMO_AUTHORISED,
    }
)
"""Assets and expenses; every other account grows by credits."""
MEMO: frozenset[AccountKind] = frozenset({_K.MEMO_AUTHORISED, _K.MEMO_PROMISED})
"""Off the balance: their postings sum to zero among themselves."""
UNGUARDED: frozenset[AccountKind] = frozenset({_K.PROVIDER_CASH})
"""May go below zero: a card network takes disputed funds whether or not they are there, and the
books have to say so. Every way out of it is bounded by a guarded account on the other side."""
OF_DELIVERY: frozenset[AccountKind] = frozenset(
    {_K.ESCROW, _K.TRANSFER_RESERVE, _K.TIPS, _K.DISPUTED_FUNDS, *MEMO}
)
"""Each delivery has its own; all of them are empty once it is settled."""
OF_PERSON: frozenset[AccountKind] = frozenset(
    {_K.TRAVELER_PAYABLE, _K.TRAVELER_DUES, _K.CUSTOMER_DUES, _K.NETTING}
)
"""Each person has their own, over all deliveries."""


@dataclass(frozen=True, slots=True)
class Account:
    """One account; balances are guarded and never go below zero, but for those of `UNGUARDED`."""

    kind: AccountKind
    owner: str = ""
    """Delivery id, person id, or empty for the platform's own accounts."""

    @property
    def name(self) -> str:
        """Return `kind` or `kind:owner`."""
        return f"{self.kind}:{self.owner}" if self.owner else str(self.kind)

    @property
    def sign(self) -> int:
        """Return 1 when debits make it grow and -1 when credits do."""
        return 1 if self.kind in DEBIT_NORMAL else -1


CASH = Account(_K.PROVIDER_CASH)
FEES = Account(_K.FEE_REVENUE)
PROVIDER_FEES = Account(_K.PROVIDER_FEE_EXPENSE)
COMPENSATION = Account(_K.COMPENSATION)
LOSS = Account(_K.PLATFORM_LOSS)


def escrow_of(delivery_id: DeliveryId) -> Account:
    """Return the account of a delivery's held payment."""
    return Account(_K.ESCROW, delivery_id)


def payable_to(traveler_id: PersonId) -> Account:
    """Return the account of what a traveler is still to be paid out."""
    return Account(_K.TRAVELER_PAYABLE, traveler_id)


def traveler_dues(traveler_id: PersonId) -> Account:
    """Return the account of what a traveler owes."""
    return Account(_K.TRAVELER_DUES, traveler_id)


def customer_dues(customer_id: PersonId) -> Account:
    """Return the account of what a customer owes."""
    return Account(_K.CUSTOMER_DUES, customer_id)
