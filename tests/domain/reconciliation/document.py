"""The tables of the documents about reconciliation, made from the code that does it."""

from __future__ import annotations

import ast
import inspect
from itertools import pairwise

import domain.attention
from domain.attention import STAYS_EXPLAINED, SUGGESTED_REPAIRS, AttentionKind
from domain.reconciliation.bookings import FITS
from tests.domain.ledger.document import table


def kinds() -> str:
    """Return the table of why somebody has to look, and what to do."""
    return table(
        ("Kind", "What it means", "What to do", "Once you have settled it"),
        (
            (
                f"`{kind}`",
                meaning,
                SUGGESTED_REPAIRS[kind],
                "stays settled until it changes"
                if kind in STAYS_EXPLAINED
                else "comes back if it is raised again",
            )
            for kind, meaning in meanings().items()
        ),
    )


def matched() -> str:
    """Return the table of which booking accounts for which line."""
    return table(
        ("Line of the provider's statement", "Booking that accounts for it"),
        (
            (f"`{line}`", ", ".join(f"`{kind}`" for kind in sorted(bookings)) or "none")
            for line, bookings in FITS.items()
        ),
    )


def meanings() -> dict[AttentionKind, str]:
    """Return what each kind says of itself in the code."""
    tree = ast.parse(inspect.getsource(domain.attention))
    (members,) = (
        node.body
        for node in tree.body
        if isinstance(node, ast.ClassDef) and node.name == "AttentionKind"
    )
    said = {}
    for node, following in pairwise(members):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            kind = AttentionKind[node.targets[0].id]
            if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
                said[kind] = " ".join(str(following.value.value).split())
    return said
