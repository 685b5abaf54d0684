"""Bounds what a connection may cost before anybody knows what it asks for: bytes and time.

The server's own parser keeps every header it is sent and waits for the end of a head for ever.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextvars import copy_context
from http import HTTPStatus

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from api.edge.problems import PROBLEM_MEDIA_TYPE, EdgeCode, Problem
from api.edge.tracing import TRACE_HEADER, begin_trace, traced

logger = logging.getLogger(__name__)

HEAD_BYTES_MAX = 16 * 1024
"""Largest head of a request: twice what servers commonly allow for one header."""
HEAD_WAIT_S_MAX = 10.0
"""Longest time in which a head has to arrive, from its first byte or from the connection."""
PIPELINED_MAX = 16
"""Most requests of one connection that may wait behind the one being answered."""
PIECE_BYTES = 4 * 1024
"""Bytes given to the parser at once: a head may pass its limit by this much."""

_UNREADABLE = Problem(EdgeCode.REQUEST_REFUSED, "What was sent is no request of HTTP/1.1.")
_HEAD_TOO_LARGE = Problem(
    EdgeCode.HEAD_TOO_LARGE,
    f"The address and the headers together may have at most {HEAD_BYTES_MAX} bytes, and at most "
    f"{PIPELINED_MAX} requests may wait for their answers.",
)


def _last_answer(problem: Problem) -> bytes:
    """Return the answer that ends a connection, and log it under a trace of its own."""
    trace = begin_trace(None)
    logger.info("a connection ends: %s", problem.code)
    content = json.dumps(traced(problem.body())).encode()
    status = HTTPStatus(problem.status_code)
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        f"content-type: {PROBLEM_MEDIA_TYPE}\r\ncontent-length: {len(content)}\r\n"
        f"cache-control: no-store\r\nx-content-type-options: nosniff\r\n"
        f"{TRACE_HEADER.lower()}: {trace}\r\nconnection: close\r\n\r\n"
    )
    return head.encode() + content


class BoundedHttp(HttpToolsProtocol):
    """A connection that is closed when it sends a head too large, too slowly or not at all."""

    _is_in_head = True
    _unused_bytes = 0
    """Bytes since the last that ended a head or belonged to a body: heads, trailers, framing."""
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Wait for the first head."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing any more."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, in pieces, until one of them passes a bound."""
        for start in range(0, len(data), PIECE_BYTES):
            piece = data[start : start + PIECE_BYTES]
            self._unused_bytes += len(piece)
            super().data_received(piece)
            if self.transport.is_closing():
                return
            if self._unused_bytes > HEAD_BYTES_MAX or len(self.pipeline) > PIPELINED_MAX:
                self._end_with(_HEAD_TOO_LARGE)
                return
        if self._head_timer is None and (self._is_in_head or not self._is_answering()):
            self._await_head()

    def on_headers_complete(self) -> None:
        """Begin the request: its head has arrived."""
        self._is_in_head = False
        self._unused_bytes = 0
        self._stop_waiting()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """Take a part of a body, whose size the request itself bounds."""
        self._unused_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """End the request: what comes next is another head."""
        super().on_message_complete()
        self._is_in_head = True
        self._unused_bytes = 0

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 -- The parser's words are not ours.
        """Refuse what the parser cannot read, as every other refusal is."""
        self._end_with(_UNREADABLE)

    def _may_answer(self) -> bool:
        """Tell whether an answer now is that of the request it is about.

        Earlier it would be taken for a part or the whole of another request's answer.
        """
        if self._is_in_head:
            return not self._is_answering()
        return not self.pipeline and not self.cycle.response_started

    def _is_answering(self) -> bool:
        # There is no cycle before the first request, whatever its declaration says.
        cycle: RequestResponseCycle | None = self.cycle
        return cycle is not None and not cycle.response_complete

    def _end_with(self, problem: Problem) -> None:
        if self._may_answer():
            # What comes over this connection next belongs to no trace.
            self.transport.write(copy_context().run(_last_answer, problem))
        self.transport.close()

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(HEAD_WAIT_S_MAX, self._on_head_late)

    def _on_head_late(self) -> None:
        if self._is_answering():
            self._await_head()
        else:
            self.transport.close()

    def _stop_waiting(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
