"""`sendalong check`: do the books balance, and is the audit trail whole?"""

from __future__ import annotations

import argparse

from infra.cli.connection import with_database
from infra.database.invariants import check_invariants


def run(options: argparse.Namespace) -> int:
    """Check every invariant and print what was found."""
    report = with_database(options, check_invariants)
    print(report)
    return 1 if report.violations else 0
