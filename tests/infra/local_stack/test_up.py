"""`sendalong up` as a person meets it: a process with its output, its signals and its exit code."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil
import pytest

from infra.local_stack.folder import StackFolder
from tests.folders import stack_folder

STOPPING = ["Codec", "API", "Worker", "Temporal", "PostgreSQL"]
PATIENCE_S = 60
SERVERS = {"DATABASE_URL", "TEMPORAL_ADDRESS", "TEMPORAL_PROFILE", "TEMPORAL_CONFIG_FILE"}
EMBEDDED = {name: value for name, value in os.environ.items() if name not in SERVERS}
"""The environment without real servers."""


@dataclass
class Running:
    """A stack that runs in the foreground of another process."""

    process: subprocess.Popen[str]
    folder: StackFolder
    lines: list[str]

    @property
    def api_url(self) -> str:
        found = re.search(r"API +(http\S+)", "\n".join(self.lines))
        assert found is not None
        return found[1]

    def end(self) -> tuple[int, list[str], str]:
        """Return exit code, further lines and what went to standard error."""
        out, error = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out.splitlines(), error

    def stop(self, number: signal.Signals) -> tuple[int, list[str], str]:
        self.process.send_signal(number)
        return self.end()


def sendalong(folder: Path, *arguments: str) -> list[str]:
    return [sys.executable, "-m", "infra.cli", *arguments, "--data", str(folder)]


@contextmanager
def up(folder: Path) -> Iterator[Running]:
    command = sendalong(folder, "up", "--free-ports")
    with subprocess.Popen(
        command,
        env=EMBEDDED,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        running = Running(process, StackFolder(folder), [])
        try:
            assert process.stdout is not None
            for line in process.stdout:
                running.lines.append(line.rstrip())
                if line.startswith("Press Ctrl-C"):
                    break
            assert running.lines[-1].startswith("Press Ctrl-C"), process.communicate()[1]
            yield running
        finally:
            process.kill()


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        sendalong(folder, *arguments), env=EMBEDDED, capture_output=True, text=True, check=False
    )


def lets_in(running: Running, token: str) -> bool:
    answer = httpx.get(
        f"{running.api_url}/v1/deliveries", headers={"Authorization": f"Bearer {token}"}
    )
    return answer.status_code == httpx.codes.OK


def children(running: Running) -> dict[str, psutil.Process]:
    noted = running.folder.noted_children()
    return {name: psutil.Process(process_id) for name, (process_id, _) in noted.items()}


def are_gone(processes: dict[str, psutil.Process]) -> bool:
    _, alive = psutil.wait_procs(processes.values(), timeout=PATIENCE_S)
    return all(each.status() == psutil.STATUS_ZOMBIE for each in alive)


def stopped(lines: list[str]) -> list[str]:
    return [line.split()[0] for line in lines if "has stopped (" in line]


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with stack_folder() as folder:
        yield folder / "data"


@pytest.fixture(scope="module")
def token(folder: Path) -> str:
    """Token of a person, made while a first run was up; that run was ended by SIGTERM."""
    with up(folder) as running:
        assert run(folder, "check").returncode == 0
        token = run(folder, "token", "--name", "Ada", "--role", "customer").stdout.strip()
        assert lets_in(running, token)

        for refused in (["up", "--free-ports"], ["reset", "--yes"]):
            second = run(folder, *refused)
            assert second.returncode == 1
            assert "already running on" in second.stderr
            assert second.stderr.count("\n") == 1

        code, lines, error = running.stop(signal.SIGTERM)
        assert (code, error) == (0, "")
        assert stopped(lines) == STOPPING
    return token


def test_a_part_that_dies_ends_the_stack_in_order_with_one_line(folder: Path, token: str) -> None:
    with up(folder) as running:
        assert lets_in(running, token)
        parts = children(running)
        parts["worker"].kill()
        code, lines, error = running.end()
    assert code == 1
    assert error.startswith("Worker ended by signal SIGKILL: ")
    assert error.endswith(f"(log: {folder / 'logs' / 'worker.log'})\n")
    assert error.count("\n") == 1
    assert stopped(lines) == STOPPING
    assert are_gone(parts)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems end leftovers at the next start")
def test_after_the_supervisor_was_killed_a_new_start_goes_on(folder: Path, token: str) -> None:
    with up(folder) as running:
        parts = children(running)
        postgres = parts.pop("postgres")
        running.process.kill()
        running.process.wait()
        assert are_gone(parts)
        assert postgres.is_running()
    with up(folder) as running:
        assert children(running)["postgres"].pid == postgres.pid
        assert lets_in(running, token)
        code, lines, _ = running.stop(signal.SIGINT)
    assert code == 0
    assert stopped(lines) == STOPPING
    assert are_gone({"postgres": postgres})


def test_a_taken_port_gives_one_line_and_starts_nothing(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        told = run(tmp_path, "up", f"--port-api={port}")
    assert told.returncode == 1
    assert told.stderr.startswith(f"Port {port} (api) is taken by another program")
    assert told.stderr.count("\n") == 1
    assert not StackFolder(tmp_path).postgres.exists()


def test_a_setting_that_cannot_be_used_gives_one_line(folder: Path, token: str) -> None:
    assert token
    told = subprocess.run(
        sendalong(folder, "up", "--free-ports"),
        env={**EMBEDDED, "SENDALONG_POLICIES": '{"windows": {"tea_s": 1}}'},
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1
    assert told.stderr.startswith("Setting policies cannot be used: ")
    assert told.stderr.count("\n") == 1
