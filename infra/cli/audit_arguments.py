"""The options of `sendalong audit` and their help."""

from __future__ import annotations

import argparse
from pathlib import Path

from infra.cli import values

ROOTS = 24
"""Roots that are printed unless another number is named: those of a day."""


def add_actions(audit: argparse.ArgumentParser) -> None:
    """Add what can be done about the audit."""
    actions = audit.add_subparsers(title="actions", metavar="ACTION", required=True, dest="action")
    verify = actions.add_parser(
        "verify",
        help="verify every chain and every signed root",
        description="Exit code 0 when all is as it was written, 1 when something was tampered "
        "with, whose first bad row is named, 2 when not everything could be checked.",
    )
    verify.add_argument(
        "--delivery", type=values.known_id, metavar="ID", help="only the chain of one delivery"
    )
    verify.add_argument(
        "--since",
        type=values.moment,
        metavar="MOMENT",
        help="only what was written since then, as 2026-05-01T00:00:00Z",
    )
    verify.add_argument(
        "--against",
        type=Path,
        metavar="FILE",
        help="lines of `audit roots` that were kept elsewhere, and must still be here",
    )
    proof = actions.add_parser("proof", help="print that a delivery is in the newest signed root")
    proof.add_argument("delivery", type=values.known_id, metavar="DELIVERY")
    roots = actions.add_parser("roots", help="print the newest signed roots, to keep elsewhere")
    roots.add_argument(
        "--limit", type=values.rows, default=ROOTS, help=f"roots at most (default: {ROOTS})"
    )
    for action in (verify, roots):
        action.add_argument(
            "--key",
            action="append",
            type=values.audit_key,
            default=None,
            dest="keys",
            metavar="KEY",
            help="another public key that signed roots; repeat it for several",
        )
