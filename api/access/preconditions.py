"""Optimistic concurrency: a step names the version that its sender has seen.

Source: RFC 9110, section 13.1.1.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any

from fastapi import Header

from api.edge.problems import Problem
from domain.errors import RefusalCode

_TAG = re.compile(r'"([0-9]{1,9})\.([0-9]{1,9})"')

IfMatch = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description="The `ETag` of the dispute as you have seen it; with another one by now, the step "
        "is refused. Left out, the step is taken whatever has happened since.",
    ),
]


def dispute_tag(row: Mapping[str, Any]) -> str:
    """Return the entity tag of a dispute: its version, and how much was said in it."""
    return f'"{row["dispute_version"]}.{row["dispute_said"]}"'


def version_seen(row: Mapping[str, Any], if_match: str | None) -> int | None:
    """Return the version that the sender has seen, or none when they did not say.

    What was said is compared here, the version again when it is the step's turn.

    Raises:
        Problem: `dispute_changed`.
    """
    if if_match is None or if_match.strip() == "*":
        return None
    tag = _TAG.fullmatch(if_match.strip())
    if tag is None or int(tag[2]) != row["dispute_said"]:
        raise Problem(
            RefusalCode.DISPUTE_CHANGED, "The dispute has changed since you looked at it."
        )
    return int(tag[1])
