"""`python -m tests.evolution`: rehearse a deployment; exit code 1 when anything went wrong."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from infra.local_stack.errors import StackError
from tests.chaos.plan import make_plan
from tests.chaos.run import world_of
from tests.evolution.build_b import CLOSING, OPENING
from tests.evolution.rehearsal import (
    CLOCKS,
    NOT_BEGUN,
    B,
    Rehearsal,
    Way,
    rehearse,
    stack_on_build_a,
)

SECONDS_MAX = 300
PLAIN_WIDTH = 140
"""Columns of the output where no terminal says how wide it is."""


def main() -> int:
    """Rehearse as the command line says; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tests.evolution", description=__doc__)
    parser.add_argument("--deliveries", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    folder = Path(tempfile.mkdtemp(prefix="sendalong-rehearsal-"))
    try:
        rehearsal = asyncio.run(_run(options, folder, console))
    except (StackError, TimeoutError) as failure:
        why = str(failure) or "it took too long."
        console.print(f"The rehearsal stopped: {why} Its logs are in {folder}")
        return 1
    except KeyboardInterrupt:
        return 130
    _print(console, rehearsal)
    if rehearsal.problems:
        console.print(f"Logs and databases are kept in {folder}")
        return 1
    shutil.rmtree(folder)
    return 0


async def _run(options: argparse.Namespace, folder: Path, console: Console) -> Rehearsal:
    plan = make_plan(options.deliveries, options.seed, CLOCKS)
    loop = asyncio.get_running_loop()
    began = loop.time()

    def tell(text: str) -> None:
        console.print(f"[{loop.time() - began:5.0f} s] {text}", markup=False)

    async with (
        asyncio.timeout(SECONDS_MAX),
        stack_on_build_a(folder, tell) as stack,
        world_of(stack) as world,
    ):
        return await rehearse(plan, stack, world, tell)


def _print(console: Console, rehearsal: Rehearsal) -> None:
    ways, count = rehearsal.ways, len(rehearsal.ways)
    console.print(f"\n{count} deliveries in {rehearsal.seconds:.0f} s", style="bold")
    table = Table(title="By where they stood at the switch", title_justify="left", show_footer=True)
    table.add_column("status", footer="all")
    rows = Counter(way.stood for way in ways)
    columns = {
        "deliveries": ways,
        "ended on build B": [way for way in ways if way.build == B],
        "old opening": [way for way in ways if OPENING not in way.patches],
        "new opening": [way for way in ways if OPENING in way.patches],
        "new closing": [way for way in ways if CLOSING in way.patches],
    }
    for name, some in columns.items():
        table.add_column(name, justify="right", footer=str(len(some)))
    table.add_column("ended")
    for stood in sorted(rows, key=lambda each: (each == NOT_BEGUN, each)):
        counts = [str(sum(way.stood == stood for way in some) or "") for some in columns.values()]
        table.add_row(stood, *counts, _ends(ways, stood))
    console.print(table)
    console.print(f"The switch took {rehearsal.switch_s:.1f} s.")
    console.print(f"Invariants: {rehearsal.findings.invariants}")
    problems = rehearsal.problems
    console.print(f"Problems: {len(problems) or 'none'}", style="bold red" if problems else "green")
    for problem in problems:
        console.print(f"  {problem}", markup=False)


def _ends(ways: list[Way], stood: str) -> str:
    ends = Counter(way.ended for way in ways if way.stood == stood)
    return ", ".join(f"{number} {end}" for end, number in sorted(ends.items()))


if __name__ == "__main__":
    sys.exit(main())
