"""What the demo prints at its end: timelines, the ledger, the invariants and where to look."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.table import Table


def print_timeline(console: Console, title: str, events: list[dict[str, Any]]) -> None:
    """Print what happened to one delivery, in order."""
    table = Table(title=title, title_justify="left", show_edge=False)
    for name in ("#", "at (UTC)", "event", "by", "status", "facts"):
        table.add_column(name, overflow="fold")
    for event in events:
        at = datetime.fromisoformat(event["at"])
        facts = ", ".join(
            f"{name}: {_as_read(value, at)}" for name, value in event["facts"].items() if value
        )
        table.add_row(
            str(event["sequence"]),
            _time_of_day(at),
            event["kind"],
            event["actor_role"],
            event["status"],
            facts,
        )
    console.print(table)
    console.print()


def _as_read(value: Any, at: datetime) -> str:
    """Return a fact as people read it: a moment as the time of its event is, with its day if that is another."""
    try:
        moment = datetime.fromisoformat(value) if "T" in str(value) else None
    except (TypeError, ValueError):
        moment = None
    if moment is None:
        return str(value)
    time = _time_of_day(moment)
    is_same_day = moment.astimezone(UTC).date() == at.astimezone(UTC).date()
    return time if is_same_day else f"{moment.astimezone(UTC):%Y-%m-%d} {time}"


def _time_of_day(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%H:%M:%S}"


def print_ledger(console: Console, ledgers: dict[str, dict[str, Any]]) -> None:
    """Print what each delivery moved on each account; debits equal credits."""
    table = Table(title="Ledger per account", title_justify="left", show_edge=False)
    table.add_column("delivery")
    table.add_column("account", overflow="fold")
    table.add_column("balance", justify="right")
    for title, ledger in ledgers.items():
        for balance in ledger["balances"]:
            table.add_row(title, balance["account"], balance["amount"]["display"])
            title = ""  # noqa: PLW2901 -- The title stands on the first row only.
    console.print(table)
    console.print()
