"""A killed test run leaves a server behind; the next run ends it, and no other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.leftovers import FOLDER_PREFIX, end_leftovers


@pytest.fixture
def gone() -> int:
    """A process id that nobody has any more."""
    finished = subprocess.Popen([sys.executable, "-c", ""])
    finished.wait()
    return finished.pid


def _server(folder: Path, users: list[int]) -> subprocess.Popen[bytes]:
    """Start something that looks like a server of a test run in a folder."""
    folder.mkdir()
    server = subprocess.Popen(
        [sys.executable, "-c", "import time; time.sleep(600)", "-D", str(folder)]
    )
    (folder / ".handle_pids.json").write_text(json.dumps(users))
    (folder / "postmaster.pid").write_text(f"{server.pid}\n")
    return server


def test_only_servers_without_users_are_ended(tmp_path: Path, gone: int) -> None:
    abandoned = _server(tmp_path / f"{FOLDER_PREFIX}abandoned", [gone])
    used = _server(tmp_path / f"{FOLDER_PREFIX}used", [gone, os.getpid()])
    foreign = _server(tmp_path / "somebody-else", [gone])
    try:
        end_leftovers(tmp_path / f"{FOLDER_PREFIX}mine")
        assert not psutil.pid_exists(abandoned.pid)
        assert not (tmp_path / f"{FOLDER_PREFIX}abandoned").exists()
        assert used.poll() is foreign.poll() is None
        assert (tmp_path / f"{FOLDER_PREFIX}used").exists()
    finally:
        for server in (used, foreign):
            server.kill()
            server.wait()


def test_a_process_that_only_has_the_number_of_a_server_is_left_alone(
    tmp_path: Path, gone: int
) -> None:
    folder = tmp_path / f"{FOLDER_PREFIX}reused"
    server = _server(folder, [gone])
    server.kill()
    server.wait()
    (folder / "postmaster.pid").write_text(f"{os.getpid()}\n")
    end_leftovers(tmp_path / f"{FOLDER_PREFIX}mine")
    assert psutil.pid_exists(os.getpid())
    assert not folder.exists()
