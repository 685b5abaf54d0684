"""The commands of the guide to accounts do what it says, from registering to signing out."""

from __future__ import annotations

import asyncio
import os
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import uvicorn
from fastapi import FastAPI
from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.policy import SessionPolicy
from domain.messages import Channel
from domain.policies import RetryPolicyFigures
from infra.database.schema import notification
from infra.local_stack.folder import PROJECT
from infra.notifications.composing import CodeLinks
from infra.notifications.outbox import DatabaseOutbox
from infra.notifications.stored import StoredMessages
from tests.api.conftest import HANDOVER_KEY
from tests.keys import ENCRYPTION

_NOTHING_WAITS = delete(notification).where(notification.c.state == "queued")
GUIDE = PROJECT / "docs" / "accounts.md"


@asynccontextmanager
async def serving(app: FastAPI) -> AsyncIterator[str]:
    """Serve the API on a port of its own."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, lifespan="off", ws="none", log_config=None))
    running = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        await running


@asynccontextmanager
async def sending(engine: AsyncEngine) -> AsyncIterator[None]:
    """Send what the outbox holds, as a worker does."""
    senders = {channel: StoredMessages(engine, channel) for channel in Channel}
    links = CodeLinks(HANDOVER_KEY, "https://sendalong.test")
    outbox = DatabaseOutbox(engine, senders, links, RetryPolicyFigures(), keys=ENCRYPTION.keys)

    async def send() -> None:
        while True:
            await outbox.deliver(wait_s=5)

    task = asyncio.create_task(send())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def test_the_commands_of_the_guide_work(
    identity_app: FastAPI, engine: AsyncEngine, database_url: str
) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```", GUIDE.read_text(), re.DOTALL | re.MULTILINE)
    script = "set -e -o pipefail\n" + "echo\n".join(blocks)
    async with engine.begin() as connection:
        # What other tests have left to be sent would be sent first.
        await connection.execute(_NOTHING_WAITS)
    async with serving(identity_app) as address, sending(engine):
        process = await asyncio.create_subprocess_exec(
            "bash", "-c", script,
            cwd=PROJECT,
            env={**os.environ, "API": address, "DATABASE_URL": database_url},
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        said, complaints = await asyncio.wait_for(process.communicate(), timeout=60)
    assert process.returncode == 0, complaints.decode()
    assert '"code":' not in said.decode(), "nothing was refused"
    assert '"display_name":"Ada L."' in said.decode()
    assert '"device_name":"my terminal"' in said.decode()
    assert said.decode().endswith('{"status":"accepted"}')


@pytest.mark.parametrize(
    ("figure", "sentence"),
    [("access_s", "15 minutes"), ("idle_s", "30 days"), ("absolute_s", "180 days")],
)
def test_the_guide_names_the_figures_of_the_policy(figure: str, sentence: str) -> None:
    number, unit = sentence.split()
    seconds = int(number) * {"minutes": 60, "days": 86_400}[unit]
    assert getattr(SessionPolicy(), figure) == seconds
    assert sentence in GUIDE.read_text()
