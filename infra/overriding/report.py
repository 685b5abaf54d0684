"""The report of emergency overrides: how many, by whom, and what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.attention import AttentionItem, AttentionKind

_SINCE = text("""
SELECT CAST(override_id AS text) AS override_id, CAST(delivery_id AS text) AS delivery_id, step, cause,
    delivery_override.status, because, CAST(asked_by AS text) AS asked_by,
    CAST(decided_by AS text) AS decided_by, asked_at, delivery.dispute <> 'none' AS is_disputed
FROM delivery_override JOIN delivery USING (delivery_id)
WHERE asked_at > now() - make_interval(secs => :since_s)
ORDER BY override_id
""")
_TODAY = text("SELECT now()")


@dataclass(frozen=True, slots=True)
class ReportedOverride:
    """One override in a report."""

    override_id: str
    delivery_id: str
    step: str
    cause: str
    status: str
    because: str
    asked_by: str
    decided_by: str | None
    asked_at: datetime
    is_disputed: bool
    """Whether a party has disputed its delivery."""

    def __str__(self) -> str:
        """Return one line for people."""
        stands = f"{self.status} ({self.because})" if self.because else self.status
        disputed = ", disputed" if self.is_disputed else ""
        return (
            f"{self.asked_at:%Y-%m-%d %H:%M} {self.step} of {self.delivery_id}: {stands}{disputed};"
            f" {self.cause}; asked by {self.asked_by}, decided by {self.decided_by or 'nobody'}"
        )


@dataclass(frozen=True, slots=True)
class OverrideReport:
    """The overrides of a while, the oldest first."""

    overrides: tuple[ReportedOverride, ...]
    at: datetime

    @property
    def total(self) -> int:
        """How many were asked for."""
        return len(self.overrides)

    def item(self) -> AttentionItem:
        """Return what staff are told: one item a week."""
        applied = sum(each.status == "applied" for each in self.overrides)
        pairs = [(each.asked_by, each.decided_by) for each in self.overrides if each.decided_by]
        most = max((pairs.count(pair) for pair in pairs), default=0)
        year, week, _ = self.at.isocalendar()
        return AttentionItem(
            key=f"{AttentionKind.OVERRIDE_REPORT}:{year}-{week:02}",
            kind=AttentionKind.OVERRIDE_REPORT,
            subject=f"overrides up to {self.at:%Y-%m-%d}",
            problem=f"{self.total} were asked for and {applied} applied; the same two people met in"
            f" {most} of them.",
        )

    def __str__(self) -> str:
        """Return the report for people."""
        return "\n".join([f"{self.total} overrides", *(str(each) for each in self.overrides)])


async def overrides_since(connection: AsyncConnection, since_s: int) -> OverrideReport:
    """Return what was asked for within so many seconds."""
    rows = await connection.execute(_SINCE, {"since_s": since_s})
    at: datetime = (await connection.execute(_TODAY)).scalar_one()
    return OverrideReport(tuple(ReportedOverride(*row) for row in rows), at)
