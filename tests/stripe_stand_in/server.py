"""A small HTTP/1.1 server that can also break a connection on purpose."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

import h11

_CHUNK = 65_536


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    """Names in small letters."""
    body: bytes = b""

    @property
    def path(self) -> str:
        """The target without its query."""
        return self.target.partition("?")[0]

    @property
    def query(self) -> str:
        """The query, still encoded."""
        return self.target.partition("?")[2]


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """One answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


Answer = Callable[[HttpRequest], Awaitable[HttpResponse | None]]
"""Answers a request; none breaks the connection without a word."""


class HttpServer:
    """Serves one `Answer` on 127.0.0.1."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self, port: int = 0) -> int:
        """Listen and return the port; 0 takes a free one."""
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def stop(self) -> None:
        """Stop listening and break every open connection."""
        if self._server is None:
            return
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        try:
            while (request := await _receive(connection, reader)) is not None:
                response = await self._answer(request)
                if response is None:
                    break
                await _send(connection, writer, response)
                if connection.our_state is not h11.DONE:
                    break
                connection.start_next_cycle()
        except (ConnectionError, h11.RemoteProtocolError):
            pass
        finally:
            writer.transport.abort()
            with suppress(ConnectionError):
                await writer.wait_closed()


async def _receive(connection: h11.Connection, reader: asyncio.StreamReader) -> HttpRequest | None:
    head: h11.Request | None = None
    body = bytearray()
    while True:
        event = connection.next_event()
        if event is h11.NEED_DATA:
            connection.receive_data(await reader.read(_CHUNK))
        elif isinstance(event, h11.Request):
            head = event
        elif isinstance(event, h11.Data):
            body += event.data
        elif isinstance(event, h11.EndOfMessage) and head is not None:
            headers = {name.decode().lower(): value.decode() for name, value in head.headers}
            target = head.target.decode()
            return HttpRequest(head.method.decode(), target, headers, bytes(body))
        else:
            return None


async def _send(
    connection: h11.Connection, writer: asyncio.StreamWriter, response: HttpResponse
) -> None:
    headers = {**response.headers, "Content-Length": str(len(response.body))}
    head = h11.Response(status_code=response.status, headers=list(headers.items()))
    for event in (head, h11.Data(data=response.body), h11.EndOfMessage()):
        writer.write(connection.send(event) or b"")
    await writer.drain()
