"""Pages of lists by key, never by offset, so that a page costs the same however deep it is."""

from __future__ import annotations

import re
from typing import Annotated

from fastapi import Query

from api.edge.cursors import BrokenSeal, seal, unseal
from api.edge.problems import EdgeCode, Problem

LIMIT_DEFAULT = 20
LIMIT_MAX = 100
NEWEST = "ffffffff-ffff-ffff-ffff-ffffffffffff"
"""Greater than every id: where a list that begins with the newest one begins."""

_ID = re.compile(r"id:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_SEQUENCE = re.compile(r"seq:([0-9]{1,9})")
_POSITION = re.compile(r"line:([0-9]{1,18}:[0-9]{1,4})")

Limit = Annotated[int, Query(ge=1, le=LIMIT_MAX, description="Items on one page.")]
Cursor = Annotated[
    str | None,
    Query(max_length=100, description="`next_cursor` of the page before; none for the first page."),
]


def id_cursor(last_id: str) -> str:
    """Return the cursor behind an item with an id."""
    return seal(f"id:{last_id}")


def sequence_cursor(last: int) -> str:
    """Return the cursor behind an item with a sequence number."""
    return seal(f"seq:{last}")


def read_id_cursor(cursor: str | None, first: str) -> str:
    """Return the id behind which a page begins.

    Raises:
        Problem: `cursor_invalid`.
    """
    return first if cursor is None else _unwrap(_ID, cursor)


def read_sequence_cursor(cursor: str | None) -> int:
    """Return the sequence number behind which a page begins.

    Raises:
        Problem: `cursor_invalid`.
    """
    return 0 if cursor is None else int(_unwrap(_SEQUENCE, cursor))


def position_cursor(last: tuple[int, int]) -> str:
    """Return the cursor behind a line of a numbered transaction."""
    number, line = last
    return seal(f"line:{number}:{line}")


def read_position_cursor(cursor: str | None) -> tuple[int, int]:
    """Return the number and the line behind which a page begins.

    Raises:
        Problem: `cursor_invalid`.
    """
    if cursor is None:
        return 0, 0
    number, line = _unwrap(_POSITION, cursor).split(":")
    return int(number), int(line)


def _unwrap(pattern: re.Pattern[str], cursor: str) -> str:
    try:
        match = pattern.fullmatch(unseal(cursor))
    except BrokenSeal:
        match = None
    if match is None:
        raise Problem(EdgeCode.CURSOR_INVALID, "Begin again without a cursor.")
    return match[1]
