"""What the demo prints at its end: timelines, the ledger, the invariants and where to look."""

from __future__ import annotations

from typing import Any

from rich.console import Console
from rich.table import Table


def print_timeline(console: Console, title: str, events: list[dict[str, Any]]) -> None:
    """Print what happened to one delivery, in order."""
    table = Table(title=title, title_justify="left", show_edge=False)
    for name in ("#", "at (UTC)", "event", "by", "status", "facts"):
        table.add_column(name, overflow="fold")
    for event in events:
        facts = ", ".join(f"{name}: {value}" for name, value in event["facts"].items() if value)
        table.add_row(
            str(event["sequence"]),
            event["at"][11:19],
            event["kind"],
            event["actor_role"],
            event["status"],
            facts,
        )
    console.print(table)
    console.print()


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
