"""Gives each request a trace id: the caller's own, or a new one. Source: W3C Trace Context.

The id is in every line of the log that is written for the request, in the header `Trace-Id` of its
answer, and in every problem.
"""

from __future__ import annotations

import logging
import re
import secrets
from contextvars import ContextVar
from typing import Any

TRACE_HEADER = "Trace-Id"
_TRACEPARENT = re.compile(
    rb"(?!ff)[0-9a-f]{2}-(?!0{32})(?P<trace>[0-9a-f]{32})-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(?:-.*)?"
)
_NO_REQUEST = "-"
_TRACE_ID: ContextVar[str] = ContextVar("trace_id", default=_NO_REQUEST)


def begin_trace(traceparent: bytes | None) -> str:
    """Make the caller's trace the one of the request under way; begin one when there is none."""
    match = _TRACEPARENT.fullmatch(traceparent) if traceparent is not None else None
    trace_id = match["trace"].decode() if match else secrets.token_hex(16)
    _TRACE_ID.set(trace_id)
    return trace_id


def trace_id() -> str:
    """Return the trace of the request under way, or a dash outside of any."""
    return _TRACE_ID.get()


def traced(problem: dict[str, Any]) -> dict[str, Any]:
    """Return a problem with the trace of the request under way."""
    return {**problem, "trace_id": trace_id()}


class NameTrace(logging.Filter):
    """Gives every record of the log the trace that it belongs to."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Name the trace; every record passes."""
        record.trace_id = trace_id()
        return True
