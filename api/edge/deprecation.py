"""Announces in the headers of its answers that a route will go away.

Source: RFC 9745 (`Deprecation`) and RFC 8594 (`Sunset`).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Any

from fastapi import Depends, Request

from api.edge.limits import HEADERS

NOTICE = timedelta(days=365)
"""Least time between the announcement and the end: those who integrate plan by the year."""


def deprecated(since: datetime, until: datetime, successor: str) -> Any:
    """Declare that a route goes away, as `dependencies=[deprecated(SINCE, UNTIL, "/v1/…")]`.

    Raises:
        ValueError: the end comes sooner than a year after the announcement.
    """
    if until - since < NOTICE:
        raise ValueError(f"a route goes away at least {NOTICE.days} days after it is announced")

    told = [
        (b"deprecation", f"@{int(since.timestamp())}".encode()),
        (b"sunset", format_datetime(until, usegmt=True).encode()),
        (b"link", f'<{successor}>; rel="successor-version"'.encode()),
    ]

    async def announce(request: Request) -> None:
        request.scope[HEADERS] = [*request.scope.get(HEADERS, ()), *told]

    return Depends(announce)
