"""The double-entry ledger: books transactions and reads accounts.

The database keeps the rules by itself, whatever a program does: entries are append-only and sealed
with their transaction, every transaction sums to zero, and no guarded balance goes below zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from itertools import groupby
from typing import Any

from sqlalchemy import Row, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncConnection

from domain.errors import Refusal, RefusalCode
from domain.ids import DeliveryId, PersonId
from domain.ledger import (
    Account,
    AccountKind,
    Bearer,
    Due,
    LedgerTransaction,
    Posting,
    require_balanced,
)
from domain.money import Money
from infra.database.chain import canonical_json

_BOOK = text("""
WITH accounts AS (
    INSERT INTO ledger_account (account_id, kind, owner, currency, normal_sign)
    SELECT DISTINCT account_id, kind, owner, currency, normal_sign FROM unnest(
        CAST(:account_ids AS text[]), CAST(:kinds AS text[]), CAST(:owners AS text[]),
        CAST(:currencies AS text[]), CAST(:normal_signs AS smallint[])
    ) AS account (account_id, kind, owner, currency, normal_sign)
    ORDER BY account_id
    ON CONFLICT DO NOTHING
),
booked AS (
    INSERT INTO ledger_transaction (key, request_hash, kind, delivery_id, bearer)
    VALUES (:key, :request_hash, :kind, CAST(:delivery_id AS uuid), :bearer)
    ON CONFLICT (key) DO NOTHING
    RETURNING transaction_id
),
entries AS (
    INSERT INTO ledger_entry (transaction_id, line, account_id, amount_minor, currency)
    SELECT booked.transaction_id, posting.line, posting.account_id, posting.amount_minor,
        posting.currency
    FROM booked, unnest(
        CAST(:account_ids AS text[]), CAST(:amounts AS bigint[]), CAST(:currencies AS text[])
    ) WITH ORDINALITY AS posting (account_id, amount_minor, currency, line)
)
SELECT EXISTS (SELECT FROM booked) AS is_new
""")

_KNOWN = text("SELECT request_hash FROM ledger_transaction WHERE key = :key")

_LINES = text("""
SELECT booked.key, booked.kind, booked.bearer, booked.created_at, entry.line,
    account.kind AS account_kind, account.owner, entry.amount_minor, entry.currency
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
WHERE booked.delivery_id = :delivery_id
ORDER BY booked.number, entry.line
""")

_SUMS = text("""
SELECT account.kind, account.owner, account.normal_sign * sum(entry.amount_minor) AS balance_minor,
    entry.currency
FROM ledger_transaction AS booked
JOIN ledger_entry AS entry USING (transaction_id)
JOIN ledger_account AS account USING (account_id)
WHERE booked.delivery_id = :delivery_id
GROUP BY account.account_id, account.kind, account.owner, account.normal_sign, entry.currency
ORDER BY account.kind, account.owner
""")

_DUES = text("""
SELECT CAST(booked.delivery_id AS text) AS delivery_id, sum(entry.amount_minor) AS owed_minor,
    entry.currency
FROM ledger_account AS account
JOIN ledger_entry AS entry USING (account_id)
JOIN ledger_transaction AS booked USING (transaction_id)
WHERE account.owner = :traveler_id AND account.kind = 'traveler_dues'
GROUP BY booked.delivery_id, entry.currency
HAVING sum(entry.amount_minor) > 0
ORDER BY min(booked.number)
""")

_ACCOUNTS = text("""
SELECT kind, owner, balance_minor, currency FROM ledger_account ORDER BY kind, owner, currency
""")


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One line of one booked transaction."""

    key: str
    """Idempotency key of the transaction."""
    kind: str
    """What the transaction books: a `BookingKind`."""
    bearer: Bearer | None
    """Who bears it, where somebody does."""
    booked_at: datetime
    """When it was booked, in UTC."""
    posting: Posting
    """Account and amount; positive for a debit."""


@dataclass(frozen=True, slots=True)
class AccountBalance:
    """What stands on one account, counted on the account's own side."""

    account: Account
    balance: Money


def account_id(account: Account, currency: str) -> str:
    """Return the key of an account: each has one balance per currency."""
    return f"{account.name}:{currency}"


async def book(connection: AsyncConnection, transactions: Iterable[LedgerTransaction]) -> None:
    """Book transactions as a part of the caller's transaction.

    Raises:
        Refusal: `escrow_conflict` when a key was booked with other postings, or when an account
            would go below zero. The caller's transaction is lost then.
        Unbalanced: the postings do not sum to zero.
    Idempotency: a transaction whose key is booked already with the same postings is left alone.
    """
    for transaction in transactions:
        require_balanced(transaction)
        try:
            is_new = await connection.scalar(_BOOK, _row(transaction))
        except IntegrityError as error:
            raise _refusal(transaction, error) from None
        if not is_new:
            await _require_same(connection, transaction)


async def lines_of(connection: AsyncConnection, delivery_id: DeliveryId) -> tuple[LedgerLine, ...]:
    """Return every line booked for a delivery, oldest first."""
    rows = await connection.execute(_LINES, {"delivery_id": delivery_id})
    return tuple(
        LedgerLine(
            row.key,
            row.kind,
            Bearer(row.bearer) if row.bearer else None,
            row.created_at,
            Posting(_account(row.account_kind, row.owner), Money(row.amount_minor, row.currency)),
        )
        for row in rows
    )


async def transactions_of(
    connection: AsyncConnection, delivery_id: DeliveryId
) -> tuple[LedgerTransaction, ...]:
    """Return everything booked for a delivery, oldest first, as it was booked."""
    found = groupby(await lines_of(connection, delivery_id), key=lambda line: line.key)
    return tuple(_transaction(delivery_id, list(lines)) for _, lines in found)


async def dues_of(connection: AsyncConnection, traveler_id: PersonId) -> tuple[Due, ...]:
    """Return what a traveler owes on account of each delivery, the oldest debt first."""
    rows = await connection.execute(_DUES, {"traveler_id": traveler_id})
    return tuple(
        Due(DeliveryId(row.delivery_id), Money(int(row.owed_minor), row.currency)) for row in rows
    )


async def balances_of(
    connection: AsyncConnection, delivery_id: DeliveryId
) -> tuple[AccountBalance, ...]:
    """Return what one delivery left on each account that it touched.

    A share can be below zero here: the whole account holds the money of other deliveries too.
    """
    return _balances((await connection.execute(_SUMS, {"delivery_id": delivery_id})).all())


async def balances(connection: AsyncConnection) -> tuple[AccountBalance, ...]:
    """Return the balance of every account."""
    return _balances((await connection.execute(_ACCOUNTS)).all())


def request_hash(transaction: LedgerTransaction) -> bytes:
    """Return what two transactions have in common exactly when they book the same."""
    booked = {
        "delivery_id": transaction.delivery_id,
        "kind": transaction.kind,
        "postings": [
            [account_id(posting.account, posting.amount.currency), posting.amount.amount_minor]
            for posting in _sorted(transaction)
        ],
    }
    return sha256(canonical_json(booked).encode()).digest()


def _transaction(delivery_id: DeliveryId, lines: list[LedgerLine]) -> LedgerTransaction:
    first = lines[0]
    postings = tuple(line.posting for line in lines)
    return LedgerTransaction(first.key, first.kind, delivery_id, postings, first.bearer)


def _row(transaction: LedgerTransaction) -> dict[str, Any]:
    postings = _sorted(transaction)
    accounts = [posting.account for posting in postings]
    currencies = [posting.amount.currency for posting in postings]
    return {
        "key": transaction.key,
        "request_hash": request_hash(transaction),
        "kind": transaction.kind,
        "bearer": transaction.bearer.value if transaction.bearer else None,
        "delivery_id": transaction.delivery_id,
        "account_ids": [account_id(*pair) for pair in zip(accounts, currencies, strict=True)],
        "kinds": [account.kind.value for account in accounts],
        "owners": [account.owner for account in accounts],
        "currencies": currencies,
        "normal_signs": [account.sign for account in accounts],
        "amounts": [posting.amount.amount_minor for posting in postings],
    }


def _sorted(transaction: LedgerTransaction) -> list[Posting]:
    """Put the postings in one order for all: two transactions then never wait for each other."""
    return sorted(
        transaction.postings,
        key=lambda posting: (
            account_id(posting.account, posting.amount.currency),
            posting.amount.amount_minor,
        ),
    )


async def _require_same(connection: AsyncConnection, transaction: LedgerTransaction) -> None:
    known = await connection.scalar(_KNOWN, {"key": transaction.key})
    if bytes(known) != request_hash(transaction):
        raise Refusal(
            RefusalCode.ESCROW_CONFLICT, f"{transaction.key} was booked with other postings."
        )


def _refusal(transaction: LedgerTransaction, error: IntegrityError) -> Exception:
    rule = getattr(getattr(error.orig, "diag", None), "constraint_name", None)
    if rule != "ledger_account_balance_minor_check":
        return error
    return Refusal(
        RefusalCode.ESCROW_CONFLICT,
        f"The {transaction.kind} would take more from an account than it holds.",
    )


def _balances(rows: Sequence[Row[Any]]) -> tuple[AccountBalance, ...]:
    return tuple(
        AccountBalance(_account(row.kind, row.owner), Money(int(row.balance_minor), row.currency))
        for row in rows
    )


def _account(kind: str, owner: str) -> Account:
    return Account(AccountKind(kind), owner)
