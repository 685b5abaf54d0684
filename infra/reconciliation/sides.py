"""Reads both sides of every delivery on which anything is not matched, and what they come to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import DeliveryId
from domain.ledger import AccountKind, BookingKind
from domain.money import Money
from domain.reconciliation.bookings import (
    OF_TRAVELER,
    VISIBLE,
    Booked,
    change_at_provider,
    expected_balance,
)
from domain.reconciliation.lines import BalanceLine, LineKind
from domain.reconciliation.matching import Books
from infra.reconciliation.checks import OPEN_OPERATIONS

DELIVERIES_AT_ONCE = 500
"""Deliveries whose two sides are in memory together."""

_SHOWN = """
booked.kind = ANY(CAST(:visible AS text[])) AND (booked.kind <> 'netting' OR EXISTS (
    SELECT FROM payment_operation AS asked
    WHERE asked.delivery_id = booked.delivery_id AND asked.kind = 'reversal'
        AND (asked.operation_id = booked.key
            OR starts_with(booked.key, asked.operation_id || ':'))))"""
"""A debt that is paid moves money at the provider only where a reversal takes it from a payout."""
_FIND_DELIVERIES = text("""
UPDATE statement_line AS line SET delivery_id = coalesce(
    (SELECT delivery_id FROM payment_operation WHERE operation_id = line.operation_id),
    (SELECT delivery_id FROM payment_operation
        WHERE kind = ANY(CAST(:kinds AS text[])) AND provider_id <> ''
            AND provider_id = ANY(line.related_ids || line.source_id) LIMIT 1),
    (SELECT delivery_id FROM delivery WHERE delivery_id = line.noted_delivery_id)
)
WHERE provider = :provider AND matched_at IS NULL AND delivery_id IS NULL
""")
_OPEN = text(f"""
SELECT DISTINCT CAST(delivery_id AS text) AS delivery_id FROM (
    SELECT delivery_id FROM statement_line
    WHERE provider = :provider AND matched_at IS NULL AND delivery_id IS NOT NULL
    UNION ALL
    SELECT booked.delivery_id FROM ledger_transaction AS booked
    WHERE {_SHOWN} AND NOT EXISTS (SELECT FROM statement_match AS known
            WHERE known.transaction_id = booked.transaction_id)
) AS open ORDER BY 1
""")  # noqa: S608 -- It is made of constants only.
_LINES = text("""
SELECT * FROM statement_line WHERE provider = :provider
    AND delivery_id = ANY(CAST(:delivery_ids AS uuid[]))
""")
_STRAY_LINES = text("""
SELECT * FROM statement_line
WHERE provider = :provider AND matched_at IS NULL AND delivery_id IS NULL
""")
_BOOKED = text(f"""
SELECT booked.key, booked.kind, CAST(booked.delivery_id AS text) AS delivery_id, booked.created_at,
    operation.operation_id, operation.provider_id, operation.source_operation_id,
    operation.kind AS operation_kind, account.kind AS account_kind, entry.amount_minor,
    entry.currency
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
LEFT JOIN LATERAL (
    SELECT operation_id, provider_id, source_operation_id, kind FROM payment_operation AS asked
    WHERE asked.delivery_id = booked.delivery_id AND (asked.operation_id = booked.key
        OR starts_with(booked.key, asked.operation_id || ':'))
    ORDER BY length(asked.operation_id) DESC LIMIT 1
) AS operation ON true
WHERE booked.delivery_id = ANY(CAST(:delivery_ids AS uuid[])) AND {_SHOWN}
ORDER BY booked.number, entry.line
""")  # noqa: S608 -- It is made of constants only.
_UNDER_WAY = text(
    f"SELECT operation.operation_id, operation.provider_id FROM {OPEN_OPERATIONS}"  # noqa: S608 -- It is made of constants only.
)
_TOTALS = text(f"""
SELECT booked.kind, account.kind AS account_kind, entry.currency,
    sum(greatest(entry.amount_minor, 0)) AS debits, sum(least(entry.amount_minor, 0)) AS credits
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
WHERE {_SHOWN}
GROUP BY booked.kind, account.kind, entry.currency
""")  # noqa: S608 -- It is made of constants only.


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose statement is compared, and how far."""

    provider: str
    covers_payouts: bool
    settled_until: datetime
    """What is younger may still be under way, in UTC."""

    @property
    def visible(self) -> list[str]:
        """Return the bookings that the statement shows."""
        return sorted(VISIBLE if self.covers_payouts else VISIBLE - OF_TRAVELER)


async def find_deliveries(connection: AsyncConnection, provider: str, kinds: Iterable[str]) -> None:
    """Note the delivery of every line that is not matched, where it can be found out by now."""
    await connection.execute(_FIND_DELIVERIES, {"provider": provider, "kinds": sorted(kinds)})


async def both_sides(connection: AsyncConnection, scope: Scope) -> AsyncIterator[Books]:
    """Return both sides of all deliveries on which anything is not matched, some at a time.

    The last ones are the lines that belong to no delivery. The connection holds one view of the
    database from the first to the last.
    """
    asked: dict[str, Any] = {"provider": scope.provider, "visible": scope.visible}
    under_way = await _under_way(connection)
    found = (await connection.execute(_OPEN, asked)).scalars().all()
    for start in range(0, len(found), DELIVERIES_AT_ONCE):
        asked["delivery_ids"] = list(found[start : start + DELIVERIES_AT_ONCE])
        lines = (await connection.execute(_LINES, asked)).all()
        booked = (await connection.execute(_BOOKED, asked)).all()
        yield _books(scope, lines, _booked(booked), under_way)
    strays = (await connection.execute(_STRAY_LINES, {"provider": scope.provider})).all()
    yield _books(scope, strays, (), under_way)


async def expected_balances(connection: AsyncConnection, scope: Scope) -> dict[str, int]:
    """Return what the ledger says that the platform has at the provider, by currency."""
    rows = await connection.execute(_TOTALS, {"visible": scope.visible})
    postings: dict[str, dict[BookingKind, list[tuple[AccountKind, int]]]] = defaultdict(
        lambda: defaultdict(list)
    )
    for row in rows:
        account = AccountKind(row.account_kind)
        sums = (account, int(row.debits)), (account, int(row.credits))
        postings[row.currency][BookingKind(row.kind)] += sums
    return {currency: expected_balance(found) for currency, found in postings.items()}


async def _under_way(connection: AsyncConnection) -> frozenset[str]:
    rows = await connection.execute(_UNDER_WAY)
    return frozenset(name for row in rows for name in row if name)


def _books(
    scope: Scope, lines: Sequence[Row[Any]], booked: Sequence[Booked], under_way: frozenset[str]
) -> Books:
    return Books(
        lines=[_line(row) for row in lines],
        booked=booked,
        settled_until=scope.settled_until,
        under_way=under_way,
        covers_payouts=scope.covers_payouts,
    )


def _line(row: Row[Any]) -> BalanceLine:
    return BalanceLine(
        line_id=row.line_id,
        kind=LineKind(row.kind),
        source_id=row.source_id,
        amount=Money(row.amount_minor, row.currency),
        fee=Money(row.fee_minor, row.currency),
        created_at=row.created_at,
        available_on=row.available_on,
        operation_id=row.operation_id,
        delivery_id=str(row.delivery_id or ""),
        related_ids=tuple(row.related_ids),
        of_traveler=row.of_traveler,
    )


def _booked(rows: Sequence[Row[Any]]) -> list[Booked]:
    groups = groupby(rows, key=lambda row: str(row.key))
    return [_transaction(list(group)) for _, group in groups]


def _transaction(rows: Sequence[Row[Any]]) -> Booked:
    first, kind = rows[0], BookingKind(rows[0].kind)
    postings = [(AccountKind(row.account_kind), int(row.amount_minor)) for row in rows]
    operations = [first.operation_id]
    if first.operation_kind == "capture":
        # Its charge carries the name of the authorisation that it was made by.
        operations.append(first.source_operation_id)
    return Booked(
        key=first.key,
        kind=kind,
        delivery_id=DeliveryId(first.delivery_id),
        change=Money(change_at_provider(kind, postings), first.currency),
        booked_at=first.created_at,
        operation_ids=tuple(each for each in operations if each),
        provider_ids=(first.provider_id,) if first.provider_id else (),
    )
