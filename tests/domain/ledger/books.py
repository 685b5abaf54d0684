"""Books in memory that refuse what the database refuses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from domain.ledger import UNGUARDED, Account, AccountKind, LedgerTransaction, require_balanced
from domain.ledger.transactions import NAMES_BEARER


class Overdrawn(AssertionError):
    """A guarded account would go below zero."""


class Books:
    """Accounts of one currency, each counted on its own side."""

    def __init__(self, transactions: Iterable[LedgerTransaction] = ()) -> None:
        self.balances: Counter[Account] = Counter()
        self.booked: list[LedgerTransaction] = []
        self.book(*transactions)

    def book(self, *transactions: LedgerTransaction) -> None:
        """Book transactions, each only if it balances, names its bearer and overdraws nothing."""
        for transaction in transactions:
            require_balanced(transaction)
            assert (transaction.bearer is not None) == (transaction.kind in NAMES_BEARER)
            assert transaction.key not in {known.key for known in self.booked}
            for posting in transaction.postings:
                self.balances[posting.account] += posting.account.sign * posting.amount.amount_minor
            self.booked.append(transaction)
            self._require_covered(transaction)

    def of(self, kind: AccountKind, owner: str = "") -> int:
        """Return the balance of one account."""
        return self.balances[Account(kind, owner)]

    def left(self) -> dict[str, int]:
        """Return what is not empty, by the names of the accounts."""
        return {account.name: total for account, total in self.balances.items() if total}

    def _require_covered(self, transaction: LedgerTransaction) -> None:
        for account, total in self.balances.items():
            if total < 0 and account.kind not in UNGUARDED:
                raise Overdrawn(f"{transaction.kind} leaves {total} on {account.name}")
