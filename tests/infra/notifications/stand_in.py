"""A local stand-in for the HTTP interface of a message provider, with a plan of faults."""

from __future__ import annotations

import json
import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Break(StrEnum):
    """Ways in which a call ends without an answer."""

    BEFORE_READING = "before_reading"
    AFTER_TAKING = "after_taking"
    NO_ANSWER = "no_answer"


@dataclass(frozen=True)
class Answer:
    """One HTTP answer."""

    status: int
    body: dict[str, Any] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Received:
    """One request that was read to its end."""

    path: str
    headers: dict[str, str]
    body: bytes


class StandIn:
    """Records every request and answers by plan, then with success."""

    def __init__(self, success: Callable[[int], Answer]) -> None:
        self.received: list[Received] = []
        self._plan: deque[Answer | Break] = deque()
        self._success = success
        self._released = threading.Event()
        self._server = _Server(self)
        host, port = self._server.server_address[:2]
        self.url = f"http://{host!s}:{port}"

    def plan(self, *steps: Answer | Break) -> None:
        """Set what happens to the next connections, one step each."""
        self._plan.extend(steps)

    @contextmanager
    def running(self) -> Iterator[StandIn]:
        """Serve until the block ends; calls that wait for an answer are let go then."""
        thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self.stop()
            thread.join()

    def stop(self) -> None:
        """Refuse connections from now on."""
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def next_step(self) -> Answer | Break | None:
        return self._plan.popleft() if self._plan else None

    def answer(self, request: Received, step: Answer | Break | None) -> Answer | None:
        self.received.append(request)
        if step is Break.NO_ANSWER:
            self._released.wait()
        if isinstance(step, Break):
            return None
        return step or self._success(len(self.received))


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, stand_in: StandIn) -> None:
        super().__init__(("127.0.0.1", 0), BaseHTTPRequestHandler)
        self.stand_in = stand_in

    def finish_request(self, request: Any, client_address: Any) -> None:
        step = self.stand_in.next_step()
        if step is not Break.BEFORE_READING:
            _Handler(request, client_address, self, step)


class _Handler(BaseHTTPRequestHandler):
    def __init__(
        self, request: Any, client_address: Any, server: _Server, step: Answer | Break | None
    ) -> None:
        self._stand_in = server.stand_in
        self._step = step
        super().__init__(request, client_address, server)

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        request = Received(self.path, dict(self.headers), body)
        answer = self._stand_in.answer(request, self._step)
        if answer is None:
            return
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        content = json.dumps(answer.body).encode()
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass
