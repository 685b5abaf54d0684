"""What is too much, too slow or no text costs the API's process no memory that it keeps."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import urlsplit

import psutil

from api.edge.requests import BODY_BYTES_MAX, DRAINED_BYTES_MAX
from infra.settings import Settings
from tests.api.story import Story
from tests.api.test_process import serving

PATIENCE_S = 20
GROWTH_BYTES_MAX = 32 * 1024 * 1024
"""A fraction of what the bodies of one test come to, sent and unpacked."""
LARGE_BYTES = 20 * 1024 * 1024
READ_BYTES_MAX = BODY_BYTES_MAX + DRAINED_BYTES_MAX
_SETTING = "import uvicorn; from api.edge.requests import StrictRequest as It; It.wait_s_max = 1"
IMPATIENT = ("-c", f"{_SETTING}; uvicorn.main()")
"""The server as it is, but for how long a body may take."""
ROUNDS = 3


@dataclass(frozen=True)
class Body:
    """What is sent after a head."""

    sent: bytes
    length: int
    """What the head says: the rest is sent after the answer, as far as the server takes it."""
    refusal: tuple[int, str]
    coding: str = "identity"


BOMB = gzip.compress(bytes(50 * 1024 * 1024))
BODIES = (
    Body(b"x" * (READ_BYTES_MAX + 64 * 1024), LARGE_BYTES, (413, "body_too_large")),
    Body(b"", len(BOMB), (415, "unsupported_media_type"), "gzip"),
    Body(BOMB, len(BOMB), (415, "unsupported_media_type"), "gzip"),
    Body(b"[" * 60_000, 60_000, (400, "body_malformed")),
    Body(b'{"text": "\xff\xfe"}', 14, (400, "body_malformed")),
    Body(b'{"text": "', 60_000, (408, "body_too_slow")),
)


async def refusal_of(url: str, headers: Mapping[str, str], body: Body) -> tuple[int, str]:
    """Send a request as slowly as its body says and return status and code of the refusal."""
    at = urlsplit(url)
    reader, writer = await asyncio.open_connection(at.hostname, at.port)
    named = {
        **headers,
        "Host": "test",
        "Content-Type": "application/json",
        "Content-Length": str(body.length),
        "Content-Encoding": body.coding,
    }
    head = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    writer.write(f"POST /v1/deliveries HTTP/1.1\r\n{head}\r\n".encode() + body.sent)
    async with asyncio.timeout(PATIENCE_S):
        answer = await reader.readuntil(b"\r\n\r\n")
        problem = json.loads(await reader.readuntil(b"}"))
        with suppress(ConnectionError):
            for _ in range(len(body.sent), body.length, 64 * 1024):
                writer.write(b" " * 64 * 1024)
                await writer.drain()
    writer.close()
    assert b"application/problem+json" in answer
    return problem["status"], problem["code"]


async def test_memory_stays_flat_whatever_is_sent(settings: Settings, story: Story) -> None:
    customer = await story.person("customer")
    headers = {**customer.headers, "Idempotency-Key": "flat"}
    async with serving(settings, IMPATIENT) as (process, url):
        assert [await refusal_of(url, headers, body) for body in BODIES] == [
            body.refusal for body in BODIES
        ]
        server = psutil.Process(process.pid)
        before = server.memory_info().rss
        for _ in range(ROUNDS):
            refusals = await asyncio.gather(*(refusal_of(url, headers, body) for body in BODIES))
            assert refusals == [body.refusal for body in BODIES]
        assert server.memory_info().rss - before < GROWTH_BYTES_MAX
