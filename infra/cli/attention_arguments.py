"""The options of `sendalong attention` and their help."""

from __future__ import annotations

import argparse

from domain.attention import AttentionKind
from infra.cli import values

ROWS = 50
"""Items that are listed unless another number is named."""


def add_actions(attention: argparse.ArgumentParser) -> None:
    """Add what can be done about items."""
    actions = attention.add_subparsers(
        title="actions", metavar="ACTION", required=True, dest="action"
    )
    listing = actions.add_parser("list", help="list items, the newest first")
    listing.add_argument("--settled", action="store_true", help="those that are settled instead")
    listing.add_argument(
        "--kind", choices=[str(kind) for kind in AttentionKind], help="only items of one kind"
    )
    listing.add_argument(
        "--delivery", type=values.known_id, metavar="ID", help="only items about a delivery"
    )
    listing.add_argument(
        "--limit", type=values.rows, default=ROWS, help=f"items at most (default: {ROWS})"
    )
    settle = actions.add_parser("settle", help="take an item off the list")
    settle.add_argument("item", type=values.known_id, metavar="ITEM", help="id of the item")
    settle.add_argument(
        "--remark",
        type=values.remark,
        required=True,
        help="what was done or found out, without names",
    )
    settle.add_argument(
        "--by",
        type=values.known_id,
        required=True,
        metavar="ID",
        help="your own id as an agent or operator",
    )
