"""`python -m tests.chaos --deliveries N --seed S`: exit code 1 when anything is violated."""

from __future__ import annotations

import argparse
import asyncio
import secrets
import shutil
import sys
import tempfile
from pathlib import Path

from rich.console import Console

from infra.local_stack.errors import StackError
from tests.chaos.plan import make_plan
from tests.chaos.report import print_report
from tests.chaos.run import ChaosReport, chaos_stack, run_chaos, world_of

SECONDS_MAX, SECONDS_PER_DELIVERY = 300, 12
"""A run is stopped after the first plus the second for each delivery: twice what it takes."""
PLAIN_WIDTH = 140
"""Columns of the output where no terminal says how wide it is."""


def main() -> int:
    """Run chaos as the command line says; return the exit code."""
    options = _options()
    console = Console(highlight=False, soft_wrap=True)
    if not console.is_terminal:
        console.width = PLAIN_WIDTH
    folder = Path(tempfile.mkdtemp(prefix="sendalong-chaos-"))
    console.print(f"Seed {options.seed}: {options.deliveries} deliveries, stack in {folder}")
    try:
        report = asyncio.run(_run(options, folder, console))
    except StackError as failure:
        console.print(f"The run stopped: {failure} Its logs are in {folder}", style="red")
        return 1
    except KeyboardInterrupt:
        return 130
    print_report(console, report)
    if report.violations or options.keep:
        console.print(f"Logs and databases of the run are kept in {folder}")
    else:
        shutil.rmtree(folder)
    return 1 if report.violations else 0


async def _run(options: argparse.Namespace, folder: Path, console: Console) -> ChaosReport:
    plan = make_plan(options.deliveries, options.seed)
    seconds_max = SECONDS_MAX + SECONDS_PER_DELIVERY * options.deliveries
    loop = asyncio.get_running_loop()
    began = loop.time()

    def tell(text: str) -> None:
        console.print(f"[{loop.time() - began:5.0f} s] {text}", markup=False)

    async with chaos_stack(plan, folder, tell) as stack, world_of(stack) as world:
        return await run_chaos(plan, stack, world, tell, seconds_max)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--deliveries", type=_positive, default=200)
    parser.add_argument("--seed", type=int, default=secrets.randbelow(2**31))
    parser.add_argument("--keep", action="store_true", help="keep logs and databases of the run")
    return parser.parse_args()


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least one delivery is needed")
    return number


if __name__ == "__main__":
    sys.exit(main())
