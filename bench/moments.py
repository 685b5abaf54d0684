"""Sends requests that are ready at one moment, so that a burst costs whoever measures it next to nothing.

A client of Python needs about as much of the machine for a request as the server that it measures.
"""

from __future__ import annotations

import asyncio
from asyncio import StreamReader, StreamWriter
from dataclasses import dataclass

import httpx

HEAD_END, LINE_END = b"\r\n\r\n", b"\r\n"


@dataclass
class Moment:
    """When everybody sends: once as many requests as it waits for are ready."""

    barrier: asyncio.Barrier

    @classmethod
    def of(cls, requests: int) -> Moment:
        """Return a moment that waits for a number of requests, again and again."""
        return cls(asyncio.Barrier(requests))


class Line(httpx.AsyncBaseTransport):
    """One open connection to a server, which writes each request in one piece when its moment comes."""

    def __init__(self, host: str, port: int, moment: Moment) -> None:
        self._address = host, port
        self._moment = moment
        self._open: tuple[StreamReader, StreamWriter] | None = None

    def wait_for(self, moment: Moment) -> None:
        """Send from now on when another moment comes."""
        self._moment = moment

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request when its moment comes, and return the answer."""
        message = _written(request, await request.aread())
        reader, writer = await self._connected()
        await self._moment.barrier.wait()
        writer.write(message)
        await writer.drain()
        return await _read(reader)

    async def aclose(self) -> None:
        """Close the connection."""
        if self._open is not None:
            self._open[1].close()
            await self._open[1].wait_closed()

    async def _connected(self) -> tuple[StreamReader, StreamWriter]:
        if self._open is None:
            self._open = await asyncio.open_connection(*self._address)
        return self._open


def _written(request: httpx.Request, body: bytes) -> bytes:
    head = [b"%s %s HTTP/1.1" % (request.method.encode(), request.url.raw_path)]
    head += [b"%s: %s" % header for header in request.headers.raw]
    return LINE_END.join(head) + HEAD_END + body


async def _read(reader: StreamReader) -> httpx.Response:
    first, *lines = (await reader.readuntil(HEAD_END)).removesuffix(HEAD_END).split(LINE_END)
    headers = httpx.Headers(
        [(name, value) for name, _, value in (line.partition(b": ") for line in lines)]
    )
    body = await reader.readexactly(int(headers["content-length"]))
    return httpx.Response(int(first.split(b" ")[1]), headers=headers, content=body)
