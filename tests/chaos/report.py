"""The table that a run ends with."""

from __future__ import annotations

from collections import Counter

from rich.console import Console
from rich.table import Table

from infra.local_stack.program import Part
from tests.chaos.movements import KINDS, Movements
from tests.chaos.run import ChaosReport
from tests.chaos.stories import Story

VIOLATIONS_SHOWN = 50


def print_report(console: Console, report: ChaosReport) -> None:
    """Print what a run came to."""
    seed, count = report.plan.seed, len(report.endings)
    console.print()
    console.print(f"{count} deliveries in {report.seconds:.0f} s, seed {seed}", style="bold")
    console.print(_exits(report))
    console.print(_parts(report))
    console.print(_movements(report))
    platform = report.findings.platform
    messages = ", ".join(f"{n} {state}" for state, n in sorted(platform.messages.items()))
    waited_s = max((ending.waited_s_max for ending in report.endings), default=0.0)
    console.print(f"Invariants: {report.findings.invariants}")
    console.print(f"Messages: {messages}; {platform.messages_lost} lost with their worker")
    console.print(f"Codes: {_codes(report)}")
    console.print(f"Longest wait of a person for an answer: {waited_s:.1f} s")
    console.print(f"Overtaken by a clock: {_overtaken(report)}")
    _print_violations(console, report)


def _codes(report: ChaosReport) -> str:
    codes = report.findings.codes
    told = [f"{count} scans of {method} codes accepted" for method, count in codes.accepted.items()]
    told += [f"{count} refused as {code}" for code, count in sorted(codes.refused.items())]
    return ", ".join([f"{codes.used} used up", *told])


def _overtaken(report: ChaosReport) -> str:
    late = sum(ending.is_overtaken for ending in report.endings)
    overdue = sum(ending.is_overdue for ending in report.endings)
    return f"{late} dispute windows, {overdue} handovers"


def _exits(report: ChaosReport) -> Table:
    statuses = sorted({ending.status for ending in report.endings})
    counts = Counter((ending.play.story, ending.status) for ending in report.endings)
    table = Table(title="Deliveries by exit", title_justify="left", show_footer=True)
    table.add_column("story", footer="all")
    for status in statuses:
        total = sum(ending.status == status for ending in report.endings)
        table.add_column(status, justify="right", footer=str(total))
    for story in Story:
        row = [counts[story, status] for status in statuses]
        if any(row):
            table.add_row(story, *(str(number or "") for number in row))
    return table


def _parts(report: ChaosReport) -> Table:
    table = Table(title="Parts", title_justify="left")
    table.add_column("part")
    for name in ("killed", "killed at rest", "ended by itself", "starts", "longest recovery"):
        table.add_column(name, justify="right")
    toll = report.toll
    for part in Part:
        table.add_row(
            part.label,
            str(toll.kills[part]),
            str(toll.kills_at_rest[part]),
            str(toll.deaths[part]),
            str(toll.restarts[part]),
            f"{toll.recovery_s_max.get(part, 0.0):.1f} s",
        )
    return table


def _movements(report: ChaosReport) -> Table:
    books = report.findings.books
    table = Table(title="Movements of money: how many, minor units", title_justify="left")
    table.add_column("kind")
    sides = (books.expected, books.provider, books.operations, books.ledger)
    for name in ("expected", "at the provider", "asked for and done", "in the ledger"):
        table.add_column(name, justify="right")
    for kind in (*KINDS, *sorted({kind for side in sides for kind, _ in side} - set(KINDS))):
        table.add_row(kind, *(_sum(side, kind) for side in sides))
    return table


def _sum(movements: Movements, kind: str) -> str:
    count = sum(times for (each, _), times in movements.items() if each == kind)
    amount = sum(minor * times for (each, minor), times in movements.items() if each == kind)
    return f"{count}   {amount:,}" if count else "-"


def _print_violations(console: Console, report: ChaosReport) -> None:
    violations = report.violations
    if not violations:
        console.print("Violations: none", style="bold green")
        return
    console.print(f"Violations: {len(violations)}", style="bold red")
    for violation in violations[:VIOLATIONS_SHOWN]:
        console.print(f"  {violation}", markup=False)
    if len(violations) > VIOLATIONS_SHOWN:
        console.print(f"  and {len(violations) - VIOLATIONS_SHOWN} more")
