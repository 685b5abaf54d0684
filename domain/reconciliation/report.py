"""What one run of reconciliation did, for people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.attention import AttentionKind

RECONCILED: tuple[AttentionKind, ...] = (
    AttentionKind.MISSING_IN_LEDGER,
    AttentionKind.MISSING_AT_PROVIDER,
    AttentionKind.AMOUNT_DIFFERS,
    AttentionKind.BOOKED_TWICE,
    AttentionKind.MOVED_TWICE,
    AttentionKind.BALANCE_DIFFERS,
    AttentionKind.OPERATION_STUCK,
    AttentionKind.HELD_TOO_LONG,
    AttentionKind.STEP_OVERDUE,
    AttentionKind.INVARIANT_BROKEN,
)
"""What a run looks for, in the order of its table."""


@dataclass(frozen=True, slots=True)
class StatementRead:
    """How far the provider's statement was read."""

    since: datetime
    """In UTC."""
    until: datetime
    """In UTC."""
    lines: int
    """Lines that were read, those of earlier runs among them."""
    new: int
    """Lines that were not known before."""


@dataclass(frozen=True, slots=True)
class ReconciliationReport:
    """What one run found. Shape: counts; the items themselves are in the list of attention items."""

    statement: StatementRead
    matched: int
    """Movements that agree with their bookings, among the deliveries that were looked at."""
    waiting: int
    """Movements and bookings whose other side may still come."""
    found: Mapping[str, int] = field(default_factory=dict)
    """Differences by `AttentionKind`; kinds without any are left out."""
    raised: int = 0
    """Items that were not open before."""
    settled: int = 0
    """Items whose difference has gone."""
    explained: int = 0
    """Differences that a person has explained and that have not changed since."""
    balances_compared: bool = True
    """False when the balance never stood still while it was read."""

    @property
    def differences(self) -> int:
        """Return how many differences there are, explained ones among them."""
        return sum(self.found.values())

    @property
    def needs_attention(self) -> bool:
        """Tell whether there is something that nobody has explained."""
        return self.differences > self.explained

    def __str__(self) -> str:
        """Return a table for people, in Markdown."""
        read = self.statement
        rows = [
            ("Statement read", f"{_moment(read.since)} to {_moment(read.until)}"),
            ("Lines read, new among them", f"{read.lines}, {read.new}"),
            ("Movements matched", str(self.matched)),
            ("Still under way", str(self.waiting)),
            ("Balances compared", "yes" if self.balances_compared else "no, they kept moving"),
            *((kind.value, str(self.found.get(kind, 0))) for kind in RECONCILED),
            ("Items raised", str(self.raised)),
            ("Items settled", str(self.settled)),
            ("Explained by a person", str(self.explained)),
        ]
        lines = [f"| {name} | {value} |" for name, value in rows]
        return "\n".join(["| Reconciliation | |", "|---|---|", *lines])


def _moment(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M}"
