"""The sandbox's statement, as its own books have written it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as NoFreeConnection
from sqlalchemy.ext.asyncio import AsyncEngine

from activities.payment_ports import ProviderUnavailable
from activities.reconciliation_ports import TooManyLines
from domain.money import Money
from domain.policies import ReconciliationPolicy
from domain.reconciliation.lines import BalanceLine, LineKind
from infra.payments.sandbox_platform import BALANCES

PAGES_MAX = ReconciliationPolicy().pages_max
PAGE_LENGTH = 100
"""Lines of one page, as many as other providers give at once."""

_PAGE = text("""
SELECT line.number, line.kind, line.source_id, line.amount_minor, line.currency, line.of_traveler,
    line.created_at,
    CASE WHEN dispute.dispute_id IS NULL THEN line.operation_id ELSE '' END AS operation_id,
    CASE WHEN dispute.dispute_id IS NULL THEN coalesce(source.provider_id, '')
        ELSE moved.provider_id END AS belongs_to,
    split_part(coalesce(source.operation_id, line.operation_id), ':', 1) AS delivery_id
FROM sandbox_line AS line
JOIN sandbox_operation AS moved USING (operation_id)
LEFT JOIN sandbox_operation AS source ON source.operation_id = moved.charge_id
LEFT JOIN sandbox_dispute AS dispute ON dispute.dispute_id = line.source_id
WHERE line.created_at >= :since AND line.created_at < :until AND line.number > :after
ORDER BY line.number LIMIT :length
""")


class SandboxStatement:
    """`ProviderStatement` over the sandbox's books; it takes no fees."""

    provider = "sandbox"
    covers_payouts = True

    def __init__(
        self,
        engine: AsyncEngine,
        *,
        pages_max: int = PAGES_MAX,
        page_length: int = PAGE_LENGTH,
    ) -> None:
        self._engine = engine
        self._pages_max = pages_max
        self._page_length = page_length

    async def lines(self, since: datetime, until: datetime) -> AsyncIterator[Sequence[BalanceLine]]:
        """Return the lines made from one moment to another, page by page, the oldest first.

        Raises:
            TooManyLines, ProviderUnavailable.
        """
        length = self._page_length
        asked: dict[str, Any] = {"since": since, "until": until, "length": length, "after": 0}
        for _ in range(self._pages_max):
            rows = await self._read(_PAGE, asked)
            yield [_line(row) for row in rows]
            if len(rows) < length:
                return
            asked["after"] = rows[-1].number
        raise TooManyLines(f"More than {self._pages_max} pages lie between {since} and {until}.")

    async def balances(self) -> Mapping[str, int]:
        """Return what the platform has, by currency."""
        rows = await self._read(BALANCES, {})
        return {row.currency: int(row.has_minor) for row in rows}

    async def _read(self, query: Any, asked: dict[str, Any]) -> Sequence[Row[Any]]:
        try:
            async with self._engine.connect() as connection:
                return (await connection.execute(query, asked)).all()
        except (OperationalError, InterfaceError, NoFreeConnection) as error:
            raise ProviderUnavailable("The sandbox cannot reach its books.") from error


def _line(row: Row[Any]) -> BalanceLine:
    return BalanceLine(
        line_id=f"line_sandbox_{row.number}",
        kind=LineKind(row.kind),
        source_id=row.source_id,
        amount=Money(row.amount_minor, row.currency),
        fee=Money(0, row.currency),
        created_at=row.created_at,
        available_on=row.created_at,
        operation_id=row.operation_id,
        delivery_id=row.delivery_id,
        related_ids=(row.belongs_to,) if row.belongs_to else (),
        of_traveler=row.of_traveler,
    )
