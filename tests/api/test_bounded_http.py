"""Connections to the server: what they may cost before their request is known."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from api.edge.bounded_http import HEAD_BYTES_MAX, PIPELINED_MAX, BoundedHttp

PATIENCE_S = 20
GET = b"GET /one HTTP/1.1\r\nHost: x\r\n\r\n"
START = b"GET /one HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /two HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\n"
CHUNKED = b"POST /two HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"


async def echo(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the path and the size of the body."""
    assert scope["type"] == "http"
    size, more = 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            return
        size += len(message["body"])
        more = message["more_body"]
    body = f"<{scope['path']} {size}>".encode()
    headers = [(b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": body})


@dataclass
class Connection:
    """A connection to the server under test."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, raw: bytes) -> None:
        self.writer.write(raw)
        await self.writer.drain()

    async def until(self, ending: bytes) -> bytes:
        async with asyncio.timeout(PATIENCE_S):
            return await self.reader.readuntil(ending)

    async def until_closed(self) -> bytes:
        """Return everything that is sent before the server closes the connection."""
        received = b""
        async with asyncio.timeout(PATIENCE_S):
            try:
                while more := await self.reader.read(1024):
                    received += more
            except ConnectionResetError:
                return received
        return received


def problem_in(received: bytes) -> tuple[int, str]:
    """Return status and code of the one problem that a connection ended with."""
    assert received.count(b"HTTP/1.1 ") == 1
    head, _, content = received.partition(b"\r\n\r\n")
    problem = json.loads(content)
    lines = head.decode().split("\r\n")
    assert "content-type: application/problem+json" in lines
    assert f"content-length: {len(content)}" in lines
    assert f"trace-id: {problem['trace_id']}" in lines
    assert int(lines[0].split()[1]) == problem["status"]
    return problem["status"], problem["code"]


@asynccontextmanager
async def connected() -> AsyncIterator[Connection]:
    """Run a server and connect to it."""
    config = uvicorn.Config(
        echo, http=BoundedHttp, port=0, lifespan="off", ws="none", log_config=None
    )
    server = uvicorn.Server(config)
    config.load()
    server.lifespan = config.lifespan_class(config)
    await server.startup()
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        yield Connection(reader, writer)
        writer.close()
    finally:
        await server.shutdown()


async def test_a_connection_serves_one_request_after_the_other() -> None:
    async with connected() as connection:
        for _ in range(3):
            await connection.send(GET)
            assert b"200 OK" in await connection.until(b"</one 0>")
            await connection.send(POST + b"x" * 100_000)
            assert b"200 OK" in await connection.until(b"</two 100000>")


async def test_requests_sent_at_once_are_answered_in_order() -> None:
    async with connected() as connection:
        await connection.send((GET + POST + b"x" * 100_000) * 3)
        for _ in range(3):
            assert b"200 OK" in await connection.until(b"</one 0>")
            assert b"200 OK" in await connection.until(b"</two 100000>")


async def test_a_head_may_come_in_small_parts() -> None:
    async with connected() as connection:
        for letter in GET + GET:
            await connection.send(bytes([letter]))
        for _ in range(2):
            assert b"200 OK" in await connection.until(b"</one 0>")


async def test_a_large_head_within_the_limit_is_served() -> None:
    async with connected() as connection:
        await connection.send(START + b"X: " + b"a" * (HEAD_BYTES_MAX - 100) + b"\r\n\r\n")
        assert b"200 OK" in await connection.until(b"</one 0>")


@pytest.mark.parametrize("flood", [b"X: " + b"a" * 200_000, b"X-a: b\r\n" * 20_000])
@pytest.mark.parametrize("before", [b"", GET])
async def test_a_head_beyond_the_limit_ends_the_connection(before: bytes, flood: bytes) -> None:
    async with connected() as connection:
        if before:
            await connection.send(before)
            await connection.until(b"</one 0>")
        await connection.send(START + flood[: 2 * HEAD_BYTES_MAX])
        assert problem_in(await connection.until_closed()) == (431, "head_too_large")


async def test_endless_trailers_end_the_connection() -> None:
    async with connected() as connection:
        await connection.send(CHUNKED + b"1\r\nx\r\n0\r\n" + b"X-a: b\r\n" * 5_000)
        assert problem_in(await connection.until_closed()) == (431, "head_too_large")


async def test_a_crowd_of_requests_at_once_ends_the_connection() -> None:
    async with connected() as connection:
        await connection.send(GET * (PIPELINED_MAX * 20))
        assert (await connection.until_closed()).count(b"200 OK") <= PIPELINED_MAX


@pytest.mark.parametrize("sent", [b"", b"GET /one HT", START])
async def test_a_head_that_does_not_arrive_ends_the_connection(
    monkeypatch: pytest.MonkeyPatch, sent: bytes
) -> None:
    monkeypatch.setattr("api.edge.bounded_http.HEAD_WAIT_S_MAX", 0.1)
    async with connected() as connection:
        await connection.send(sent)
        assert await connection.until_closed() == b""


async def test_what_is_no_request_is_refused_once() -> None:
    async with connected() as connection:
        await connection.send(b"\x00" * 20_000)
        assert problem_in(await connection.until_closed()) == (400, "request_refused")


async def test_a_body_that_cannot_be_read_is_refused_in_the_place_of_its_answer() -> None:
    async with connected() as connection:
        await connection.send(CHUNKED + b"no size\r\n")
        assert problem_in(await connection.until_closed()) == (400, "request_refused")


async def test_what_follows_a_request_is_not_refused_in_the_place_of_its_answer() -> None:
    async with connected() as connection:
        await connection.send(GET + b"\x00" * 100)
        assert b"HTTP/1.1 400" not in await connection.until_closed()
