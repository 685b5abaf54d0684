"""Keeps the provider's statement: each line once, read in windows that a crash does not undo."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.reconciliation_ports import ProviderStatement, TooManyLines
from domain.policies import ReconciliationPolicy
from domain.reconciliation.lines import BalanceLine, delivery_named
from domain.reconciliation.report import StatementRead

WINDOW_MIN = timedelta(minutes=1)
"""A window with too many lines is halved until it is this short."""

_BEGIN = text("""
INSERT INTO reconciliation_run (run_id, provider, read_from, read_until)
SELECT :run_id, :provider, since, since FROM (
    SELECT coalesce(
        (SELECT least(max(read_until), CAST(:now AS timestamptz)) FROM reconciliation_run
            WHERE provider = :provider HAVING count(*) > 0),
        (SELECT min(created_at) FROM ledger_transaction),
        CAST(:now AS timestamptz)
    ) - CAST(:lookback_s AS integer) * interval '1 second' AS since
) AS start
ON CONFLICT (run_id) DO NOTHING
""")
_RUN = text(
    "SELECT read_from, read_until, lines, new_lines FROM reconciliation_run WHERE run_id = :run_id"
)
_KEEP = text("""
INSERT INTO statement_line (provider, line_id, kind, source_id, related_ids, amount_minor,
    fee_minor, currency, of_traveler, operation_id, noted_delivery_id, created_at, available_on)
VALUES (:provider, :line_id, :kind, :source_id, :related_ids, :amount_minor, :fee_minor, :currency,
    :of_traveler, :operation_id, :noted_delivery_id, :created_at, :available_on)
ON CONFLICT DO NOTHING
""")
_READ_UNTIL = text("""
UPDATE reconciliation_run SET read_until = greatest(read_until, :until), lines = lines + :lines,
    new_lines = new_lines + :new_lines
WHERE run_id = :run_id
""")


class KeptStatement:
    """Reads a provider's statement into the database."""

    def __init__(
        self, engine: AsyncEngine, statement: ProviderStatement, policy: ReconciliationPolicy
    ) -> None:
        self._engine = engine
        self._statement = statement
        self._policy = policy

    async def read(self, run_id: str, now: datetime) -> StatementRead:
        """Read what was made since the last run and a while before it, up to now.

        Raises:
            TooManyLines: a single minute has more lines than are read in one go.
            ProviderUnavailable, ProviderRefused, OutcomeUnknown: from the provider.
        Idempotency: a run that is read again goes on where it was interrupted; a line that is known
            stays as it is.
        """
        begun = await self._begin(run_id, now)
        at, window = begun.until, timedelta(seconds=self._policy.window_s)
        while at < now:
            end = min(at + window, now)
            try:
                lines, new = await self._keep(at, end)
            except TooManyLines:
                if window <= WINDOW_MIN:
                    raise
                window /= 2
                continue
            await self._note(run_id, end, lines, new)
            at = end
        return await self.known(run_id)

    async def known(self, run_id: str) -> StatementRead:
        """Return how far a run has read."""
        async with self._engine.connect() as connection:
            row = (await connection.execute(_RUN, {"run_id": run_id})).one()
        return StatementRead(*row)

    async def read_again(self, since: datetime, until: datetime) -> None:
        """Read a stretch again, for lines that were made while the balance was read."""
        await self._keep(since, until)

    async def _begin(self, run_id: str, now: datetime) -> StatementRead:
        begun = {
            "run_id": run_id,
            "provider": self._statement.provider,
            "now": now,
            "lookback_s": self._policy.lookback_s,
        }
        async with self._engine.begin() as connection:
            await connection.execute(_BEGIN, begun)
        return await self.known(run_id)

    async def _keep(self, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how many lines were read, and how many of them were not known."""
        count = new = 0
        async for page in self._statement.lines(since, until):
            count, new = count + len(page), new + await self._write(page)
        return count, new

    async def _write(self, page: Sequence[BalanceLine]) -> int:
        rows = [_row(self._statement.provider, line) for line in page]
        if not rows:
            return 0
        async with self._engine.begin() as connection:
            return (await connection.execute(_KEEP, rows)).rowcount

    async def _note(self, run_id: str, until: datetime, lines: int, new: int) -> None:
        async with self._engine.begin() as connection:
            noted = {"run_id": run_id, "until": until, "lines": lines, "new_lines": new}
            await connection.execute(_READ_UNTIL, noted)


def _row(provider: str, line: BalanceLine) -> dict[str, Any]:
    return {
        "provider": provider,
        "line_id": line.line_id,
        "kind": line.kind.value,
        "source_id": line.source_id,
        "related_ids": list(line.related_ids),
        "amount_minor": line.amount.amount_minor,
        "fee_minor": line.fee.amount_minor,
        "currency": line.amount.currency,
        "of_traveler": line.of_traveler,
        "operation_id": line.operation_id,
        "noted_delivery_id": delivery_named(line.delivery_id),
        "created_at": line.created_at,
        "available_on": line.available_on,
    }
