"""Chooses the media type of an answer by the request's `Accept`. Source: RFC 9110, 12.5.1."""

from __future__ import annotations

from collections.abc import Sequence

from api.edge.problems import EdgeCode, Problem

ACCEPT_CHARS_MAX = 1_000
"""Longest header that is read: a browser's has two hundred characters."""


def choose_media_type(accept: str | None, offered: Sequence[str]) -> str:
    """Return the offered type that the client prefers; the first offered one wins a tie.

    Raises:
        Problem: `not_acceptable` when the client accepts none of them.
    """
    if accept is None or not accept.strip():
        return offered[0]
    ranges = [_range(part) for part in accept[:ACCEPT_CHARS_MAX].split(",")]
    weights = [_weight(ranges, media_type) for media_type in offered]
    best = max(weights)
    if best <= 0:
        raise Problem(EdgeCode.NOT_ACCEPTABLE, f"This can be given as {', '.join(offered)}.")
    return offered[weights.index(best)]


def _range(part: str) -> tuple[str, float]:
    name, *parameters = (piece.strip().lower() for piece in part.split(";"))
    for parameter in parameters:
        if parameter.startswith("q="):
            return name, _quality(parameter[2:])
    return name, 1.0


def _quality(text: str) -> float:
    try:
        quality = float(text)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0


def _weight(ranges: list[tuple[str, float]], media_type: str) -> float:
    """Return the quality of the most specific range that covers the type."""
    family = media_type.split("/", 1)[0]
    by_name = dict(ranges)
    for name in (media_type, f"{family}/*", "*/*"):
        if name in by_name:
            return by_name[name]
    return 0.0
