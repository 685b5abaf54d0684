"""Both sides of made-up deliveries: what the ledger books and what a provider's statement shows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from domain.ledger import BookingKind, LedgerTransaction
from domain.money import Money
from domain.reconciliation.bookings import Booked, change_at_provider
from domain.reconciliation.lines import BalanceLine, LineKind
from domain.reconciliation.matching import Books, Matching, match_books
from tests.domain.builders import DELIVERY, NOW

HOUR = timedelta(hours=1)


def euros(amount_minor: int) -> Money:
    return Money(amount_minor, "EUR")


def line(
    number: int,
    kind: LineKind,
    amount_minor: int,
    operation_id: str = "",
    source_id: str | None = None,
    *,
    fee_minor: int = 0,
    delivery_id: str = DELIVERY,
    related: Iterable[str] = (),
    age: timedelta = HOUR,
) -> BalanceLine:
    """Return the n-th line of a statement; by default its object has an id of its own."""
    return BalanceLine(
        f"txn_{number}",
        kind,
        f"{kind}_{number}" if source_id is None else source_id,
        euros(amount_minor),
        euros(fee_minor),
        NOW - age,
        NOW - age,
        operation_id,
        delivery_id,
        tuple(related),
    )


def booked(
    transaction: LedgerTransaction,
    *operation_ids: str,
    made: Iterable[str] = (),
    age: timedelta = HOUR,
) -> Booked:
    """Return a transaction of the ledger as reconciliation sees it."""
    kind = BookingKind(transaction.kind)
    postings = [(each.account.kind, each.amount.amount_minor) for each in transaction.postings]
    return Booked(
        transaction.key,
        kind,
        transaction.delivery_id,
        Money(change_at_provider(kind, postings), transaction.postings[0].amount.currency),
        NOW - age,
        tuple(each for each in operation_ids or (transaction.key,) if each),
        tuple(made),
    )


@dataclass
class Sides:
    """Lines and bookings, to be compared as they stand."""

    lines: list[BalanceLine] = field(default_factory=list)
    booked: list[Booked] = field(default_factory=list)
    under_way: frozenset[str] = frozenset()
    covers_payouts: bool = True

    def match(self, settled_until: datetime = NOW) -> Matching:
        return match_books(
            Books(self.lines, self.booked, settled_until, self.under_way, self.covers_payouts)
        )
