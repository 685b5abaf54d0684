"""The API as a process of its own: it starts, keeps secrets out of its log, and stops in order."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import httpx

from infra.local_stack.folder import PROJECT
from infra.local_stack.programs import API_CONNECTIONS_MAX, API_PROTOCOL
from infra.settings import Settings
from tests.api.conftest import HANDOVER_KEY
from tests.api.story import NEW_DELIVERY, Story

PATIENCE_S = 120


@asynccontextmanager
async def serving(
    settings: Settings, program: Sequence[str] = ("-m", "uvicorn")
) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Run the API as the local stack does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {
        **os.environ,
        "DATABASE_URL": settings.database_url,
        "TEMPORAL_ADDRESS": settings.temporal_address,
        "SENDALONG_HANDOVER_KEY": b64encode(HANDOVER_KEY).decode(),
    }
    process = await asyncio.create_subprocess_exec(
        sys.executable, *program, "api.main:app", "--port", str(port),
        "--http", API_PROTOCOL, "--ws", "none",
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    try:
        url = f"http://127.0.0.1:{port}"
        await _until_healthy(url)
        yield process, url
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _until_healthy(url: str) -> None:
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient() as http:
        while True:
            try:
                if (await http.get(f"{url}/healthz")).is_success:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


async def test_a_request_under_way_is_finished_before_the_process_ends(
    settings: Settings, story: Story
) -> None:
    customer = await story.person("customer")
    headers = {**customer.headers, "Idempotency-Key": "open"}
    async with serving(settings) as (process, url), httpx.AsyncClient(base_url=url) as http:
        answers = await asyncio.gather(
            http.post("/v1/deliveries", json=NEW_DELIVERY, headers=headers),
            _terminate_soon(http, process),
        )
        assert answers[0].status_code == 201
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert process.returncode in (0, -signal.SIGTERM)
    assert b"Traceback" not in output


async def _terminate_soon(http: httpx.AsyncClient, process: asyncio.subprocess.Process) -> None:
    await http.get("/healthz")
    process.send_signal(signal.SIGTERM)


async def test_the_log_holds_no_link_token_and_a_bad_request_no_traceback(
    settings: Settings,
) -> None:
    token = "H" + "A" * 52
    async with serving(settings) as (process, url), httpx.AsyncClient(base_url=url) as http:
        assert (await http.get(f"/v1/links/{token}")).status_code == 404
        body = {"content-type": "application/json", "transfer-encoding": "chunked"}
        answer = await http.post("/v1/deliveries", headers=body, content=_endless())
        assert answer.status_code in (401, 413)
        process.send_signal(signal.SIGTERM)
        output, _ = await asyncio.wait_for(process.communicate(), PATIENCE_S)
    assert b"/v1/links/" in output
    assert token.encode() not in output
    assert b"Traceback" not in output


async def _endless() -> AsyncIterator[bytes]:
    for _ in range(200):
        yield b" " * 1_000


def test_containers_run_the_api_within_the_same_bounds() -> None:
    command = (PROJECT / "docker-compose.yml").read_text()
    for option in (f"--http={API_PROTOCOL}", f"--limit-concurrency={API_CONNECTIONS_MAX}"):
        assert f"      - {option}\n" in command
