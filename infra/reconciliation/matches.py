"""Keeps which movement accounts for which booking, so that the next run need not look again."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.reconciliation.differences import movements_of
from domain.reconciliation.matching import Books, Matching

_FORGET = text("""
DELETE FROM statement_match AS known USING ledger_transaction AS booked
WHERE known.transaction_id = booked.transaction_id AND booked.key = ANY(CAST(:keys AS text[]))
""")
_MATCH = text("""
INSERT INTO statement_match (transaction_id, provider, movement, line_id)
SELECT transaction_id, :provider, :movement, :line_id FROM ledger_transaction WHERE key = :key
""")
_MARK = text("""
UPDATE statement_line
SET matched_at = CASE WHEN line_id = ANY(CAST(:whole AS text[])) THEN coalesce(matched_at, now()) END
WHERE provider = :provider AND line_id = ANY(CAST(:line_ids AS text[]))
""")


@dataclass(slots=True)
class Matches:
    """What is to be kept of a run."""

    line_ids: list[str] = field(default_factory=list)
    """Every line that was looked at."""
    whole: list[str] = field(default_factory=list)
    """Lines of which every movement is accounted for."""
    keys: list[str] = field(default_factory=list)
    """Every booking that was looked at."""
    pairs: list[dict[str, str]] = field(default_factory=list)

    def add(self, books: Books, matching: Matching) -> None:
        """Add what some deliveries came to."""
        done = {pair.movement.key for pair in matching.pairs}
        done |= {movement.key for movement in matching.came_back}
        for line in books.lines:
            self.line_ids.append(line.line_id)
            if all(movement.key in done for movement in movements_of(line)):
                self.whole.append(line.line_id)
        self.keys += [booked.key for booked in books.booked]
        self.pairs += [
            {
                "key": booked.key,
                "movement": pair.movement.key,
                "line_id": pair.movement.line.line_id,
            }
            for pair in matching.pairs
            for booked in pair.booked
        ]


async def keep_matches(connection: AsyncConnection, provider: str, matches: Matches) -> None:
    """Replace what was kept about the lines and bookings that were looked at."""
    await connection.execute(_FORGET, {"keys": matches.keys})
    if matches.pairs:
        pairs = [{"provider": provider, **pair} for pair in matches.pairs]
        await connection.execute(_MATCH, pairs)
    marks = {"provider": provider, "whole": matches.whole, "line_ids": matches.line_ids}
    await connection.execute(_MARK, marks)
