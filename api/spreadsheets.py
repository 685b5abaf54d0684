"""Statements as CSV that opens in a spreadsheet without ever running there. Source: RFC 4180."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from io import StringIO

from api.models.statements import StatementBalanceView, StatementLineView, StatementView
from api.models.types import MoneyView, utc_text

CSV = "text/csv"
COLUMNS = (
    "row", "at", "delivery_id", "booking", "bearer", "account", "amount_minor", "currency",
    "display",
)  # fmt: skip
_RUNS_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?", re.ASCII)


def csv_of(statement: StatementView, *, is_first: bool) -> str:
    """Return a page of a statement as CSV.

    Shape: a header, the opening balances on the first page, a row per line, and the closing
    balances on the last page. Pages without their headers make up one whole file.
    """
    text = StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(statement, is_first=is_first):
        writer.writerow(safe_cell(cell) for cell in row)
    return text.getvalue()


def safe_cell(cell: str) -> str:
    """Return a cell that no spreadsheet takes for a formula; plain numbers stay as they are.

    Source: OWASP, CSV injection.
    """
    if cell.lstrip(" ").startswith(_RUNS_AS_FORMULA) and not _NUMBER.fullmatch(cell):
        return f"'{cell}"
    return cell


def _rows(statement: StatementView, *, is_first: bool) -> Iterator[tuple[str, ...]]:
    since = utc_text(statement.since) if statement.since else ""
    until = utc_text(statement.until) if statement.until else ""
    if is_first:
        for balance in statement.balances:
            yield "opening", since, *_balance(balance, balance.opening)
    for line in statement.items:
        yield "line", utc_text(line.at), *_line(line)
    if statement.next_cursor is None:
        for balance in statement.balances:
            yield "closing", until, *_balance(balance, balance.closing)


def _balance(balance: StatementBalanceView, amount: MoneyView) -> tuple[str, ...]:
    return "", "", "", balance.account, *_money(amount)


def _line(line: StatementLineView) -> tuple[str, ...]:
    return line.delivery_id, line.booking, line.bearer or "", line.account, *_money(line.change)


def _money(amount: MoneyView) -> tuple[str, ...]:
    return str(amount.amount_minor), amount.currency, amount.display
