"""The options of `sendalong override` and their help."""

from __future__ import annotations

import argparse

from infra.cli import values

TITLE = "report emergency overrides: who moved custody without a code, and who approved it"
ABOUT = (
    "Lists what was asked for within the last days, and what became of it. See docs/handover.md."
)
DAYS = 7
"""Days that a report covers unless others are named."""


def add_options(override: argparse.ArgumentParser) -> None:
    """Add what can be asked about overrides."""
    override.add_argument("action", choices=("report",))
    override.add_argument("--days", type=values.days, default=DAYS, help=f"(default: {DAYS})")
