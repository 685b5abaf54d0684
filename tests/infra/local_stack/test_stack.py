"""The stack as a library, on servers that were there before it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.testing import WorkflowEnvironment

from infra.local_stack.errors import StackError
from infra.local_stack.folder import StackFolder
from infra.local_stack.options import StackOptions
from infra.local_stack.ports import Ports, free_ports
from infra.local_stack.postgres import EmbeddedPostgres
from infra.local_stack.program import Part, start_time
from infra.local_stack.programs import temporal_binary
from infra.local_stack.stack import LocalStack, empty_folder
from infra.temporal import is_polling

SLEEP = "import time; time.sleep(600)"


@pytest.fixture
async def real_temporal(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[str]:
    """Address of a Temporal server that the stack did not start, named in the environment."""
    async with await WorkflowEnvironment.start_local(
        dev_server_existing_path=temporal_binary(), dev_server_log_level="error"
    ) as environment:
        address = environment.client.service_client.config.target_host
        monkeypatch.setenv("TEMPORAL_ADDRESS", address)
        yield address


async def test_real_servers_take_the_place_of_the_embedded_ones(
    real_temporal: str, database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)
    told: list[str] = []
    async with LocalStack(StackOptions(folder=tmp_path, ports=free_ports()), told.append) as stack:
        assert stack.settings.database_url == database_url
        assert stack.client.service_client.config.target_host == real_temporal
        assert stack.ui_url is None
        assert stack.workflow_url("delivery:1") is None
        assert set(stack.folder.noted_children()) == {Part.WORKER, Part.API}

        first = stack.process_id("worker")
        await stack.stop_child("worker")
        await stack.start_child("worker")
        assert stack.process_id("worker") != first
        assert await is_polling(stack.client, stack.process_id("worker"))

        await stack.kill("api")
        await stack.start_child("api")
        async with httpx.AsyncClient(base_url=stack.api_url) as http:
            assert (await http.get("/readyz")).status_code == httpx.codes.OK
        running = stack.folder.running()
        assert running is not None
        assert running.database_url is None, "the address of a real database may hold a password"
    assert [line.split(" has stopped")[0] for line in told[-2:]] == ["API", "Worker"]


async def test_a_real_temporal_that_does_not_answer_gives_one_line(
    database_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    address = f"127.0.0.1:{free_ports().temporal}"
    monkeypatch.setenv("TEMPORAL_ADDRESS", address)
    options = StackOptions(folder=tmp_path, ports=free_ports(), database_url=database_url)
    stack = LocalStack(options)
    with pytest.raises(StackError, match=rf"^Temporal at {address} does not answer\.$"):
        await stack.start()
    assert not stack.folder.is_taken()


async def test_without_the_program_temporal_one_line_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    options = StackOptions(folder=tmp_path, ports=free_ports(), embedded_temporal=True)
    with pytest.raises(StackError, match=r"^The program `temporal` is missing: .*make setup"):
        await LocalStack(options).start()


async def test_emptying_the_folder_ends_what_a_killed_run_left(tmp_path: Path) -> None:
    folder = StackFolder(tmp_path)
    folder.take()
    postgres = EmbeddedPostgres(folder.postgres, folder.postgres_draft)
    await postgres.start()
    sleeper = await asyncio.create_subprocess_exec(sys.executable, "-c", SLEEP)
    began = start_time(sleeper.pid)
    assert began is not None
    folder.note_children({Part.WORKER: (sleeper.pid, began)})
    folder.leave()
    await empty_folder(StackFolder(tmp_path))
    await sleeper.wait()
    await postgres.ended()
    assert os.listdir(tmp_path) == ["lock"]  # noqa: PTH208


def test_where_the_web_ui_shows_a_workflow(tmp_path: Path) -> None:
    options = StackOptions(folder=tmp_path, ports=Ports(ui=9000), embedded_temporal=True)
    assert options.ui_url == "http://127.0.0.1:9000"
    assert options.ports_needed == {"api", "internal", "temporal", "ui", "codec"}
    assert LocalStack(options).api_url == "http://127.0.0.1:8080"
