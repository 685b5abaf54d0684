"""Statements: what was booked on a person's or a delivery's accounts, with opening and closing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, TextClause, text
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.ids import DeliveryId, PersonId
from domain.ledger import OF_PERSON, Account, AccountKind, Bearer
from domain.money import Money

START = (0, 0)
"""Before the first line of every statement."""
OF_CUSTOMER = (AccountKind.ESCROW, AccountKind.TRANSFER_RESERVE, AccountKind.TIPS)
"""Accounts of a delivery that hold its customer's money."""

_ACCOUNTS_OF_PERSON = """
    SELECT account_id, kind, owner, normal_sign FROM ledger_account
    WHERE owner = :person_id AND kind = ANY(CAST(:person_kinds AS text[]))
    UNION ALL
    SELECT account.account_id, account.kind, account.owner, account.normal_sign
    FROM delivery JOIN ledger_account AS account
        ON account.owner = CAST(delivery.delivery_id AS text)
        AND account.kind = ANY(CAST(:delivery_kinds AS text[]))
    WHERE delivery.customer_id = CAST(:person_id AS uuid)
"""
_ENTRIES_OF_PERSON = """
    FROM mine JOIN ledger_entry AS entry USING (account_id)
    JOIN ledger_transaction AS booked USING (transaction_id)
"""
_ENTRIES_OF_DELIVERY = """
    FROM ledger_transaction AS booked
    JOIN ledger_entry AS entry USING (transaction_id)
    JOIN ledger_account AS mine
        ON mine.account_id = entry.account_id AND mine.kind = ANY(CAST(:kinds AS text[]))
        AND booked.delivery_id = CAST(:delivery_id AS uuid)
"""


def _statement(entries: str, accounts: str = "SELECT") -> TextClause:
    """Return the query of a statement: its balances stand on every row, its lines on one each."""
    return text(f"""
WITH mine AS ({accounts}),
line AS (
    SELECT booked.number, entry.line, booked.created_at, booked.key, booked.kind AS booking,
        booked.bearer, CAST(booked.delivery_id AS text) AS delivery_id, mine.kind, mine.owner,
        mine.normal_sign * entry.amount_minor AS change_minor, entry.currency
    {entries}
    WHERE booked.created_at < coalesce(CAST(:until AS timestamptz), 'infinity')
),
balance AS (
    SELECT kind, currency, sum(change_minor) AS closing_minor, coalesce(sum(change_minor) FILTER (
        WHERE created_at < coalesce(CAST(:since AS timestamptz), '-infinity')), 0) AS opening_minor
    FROM line GROUP BY kind, currency
),
page AS (
    SELECT * FROM line
    WHERE created_at >= coalesce(CAST(:since AS timestamptz), '-infinity')
        AND (number, line) > (CAST(:after_number AS bigint), CAST(:after_line AS integer))
    ORDER BY number, line LIMIT :count
)
SELECT (SELECT jsonb_agg(to_jsonb(balance) ORDER BY kind, currency) FROM balance) AS balances,
    page.*
FROM (SELECT) AS once LEFT JOIN page ON true
ORDER BY page.number, page.line
""")  # noqa: S608 -- It is made of constants only.


_PERSON = _statement(_ENTRIES_OF_PERSON, _ACCOUNTS_OF_PERSON)
_DELIVERY = _statement(_ENTRIES_OF_DELIVERY)


@dataclass(frozen=True, slots=True)
class Extract:
    """Which part of a statement is asked for."""

    since: datetime | None
    """Lines booked at this moment or later; all of them from the first one when none."""
    until: datetime | None
    """Lines booked before this moment; all of them up to now when none."""
    after: tuple[int, int]
    """Number and line behind which the page begins; `START` for the first page."""
    count: int
    """Most lines on the page."""


@dataclass(frozen=True, slots=True)
class StatementLine:
    """One movement on one account."""

    position: tuple[int, int]
    """Number of the transaction and of the line in it: where a next page goes on."""
    booked_at: datetime
    """When it was booked, in UTC."""
    key: str
    """Idempotency key of the transaction."""
    booking: str
    """What the transaction books: a `BookingKind`."""
    bearer: Bearer | None
    """Who bears it, where somebody does."""
    delivery_id: DeliveryId
    """The delivery that it was booked for."""
    account: Account
    """The account."""
    change: Money
    """How the balance changed, counted on the account's own side; below zero when it fell."""


@dataclass(frozen=True, slots=True)
class StatementBalance:
    """What stood on the accounts of one kind and currency, counted on their own side."""

    kind: AccountKind
    opening: Money
    """Before the first line of the period."""
    closing: Money
    """After its last one, whichever page is asked for."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One page of a statement."""

    balances: tuple[StatementBalance, ...]
    lines: tuple[StatementLine, ...]


async def statement_of_person(
    connection: AsyncConnection, person_id: PersonId, extract: Extract
) -> Statement:
    """Return what was booked on a person's accounts and on those that hold their payments."""
    values = {
        "person_id": person_id,
        "person_kinds": _names(OF_PERSON),
        "delivery_kinds": _names(OF_CUSTOMER),
    }
    return await _read(connection, _PERSON, values, extract)


async def statement_of_delivery(
    connection: AsyncConnection,
    delivery_id: DeliveryId,
    kinds: Iterable[AccountKind],
    extract: Extract,
) -> Statement:
    """Return what was booked for a delivery on accounts of these kinds."""
    values = {"delivery_id": delivery_id, "kinds": _names(kinds)}
    return await _read(connection, _DELIVERY, values, extract)


async def _read(
    connection: AsyncConnection, query: TextClause, values: Mapping[str, Any], extract: Extract
) -> Statement:
    number, line = extract.after
    asked = {
        **values,
        "since": extract.since,
        "until": extract.until,
        "after_number": number,
        "after_line": line,
        "count": extract.count,
    }
    rows = (await connection.execute(query, asked)).all()
    lines = tuple(_line(row) for row in rows if row.number is not None)
    return Statement(_balances(rows), lines)


def _balances(rows: Sequence[Row[Any]]) -> tuple[StatementBalance, ...]:
    return tuple(
        StatementBalance(
            AccountKind(found["kind"]),
            Money(int(found["opening_minor"]), found["currency"]),
            Money(int(found["closing_minor"]), found["currency"]),
        )
        for found in rows[0].balances or ()
    )


def _line(row: Row[Any]) -> StatementLine:
    return StatementLine(
        position=(row.number, row.line),
        booked_at=row.created_at,
        key=row.key,
        booking=row.booking,
        bearer=Bearer(row.bearer) if row.bearer else None,
        delivery_id=DeliveryId(row.delivery_id),
        account=Account(AccountKind(row.kind), row.owner),
        change=Money(int(row.change_minor), row.currency),
    )


def _names(kinds: Iterable[AccountKind]) -> list[str]:
    return [kind.value for kind in kinds]
