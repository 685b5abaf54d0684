"""Ends the database servers that killed test runs left behind."""

from __future__ import annotations

import json
import shutil
from contextlib import suppress
from pathlib import Path

import psutil

FOLDER_PREFIX = "sendalong-tests-"
"""Name of the folders of test databases; nothing else is ever touched."""
STOP_S_MAX = 10


def end_leftovers(own: Path) -> None:
    """End every other test server of which all users are gone."""
    for folder in own.parent.glob(f"{FOLDER_PREFIX}*"):
        users = _users(folder)
        if folder != own and users and not any(map(psutil.pid_exists, users)):
            with suppress(psutil.Error, OSError, ValueError):
                _stop_server(folder)
            shutil.rmtree(folder, ignore_errors=True)


def _users(folder: Path) -> list[int]:
    """Return the processes that use a server; none while it is being made or removed."""
    try:
        return [int(number) for number in json.loads((folder / ".handle_pids.json").read_text())]
    except (OSError, ValueError):
        return []


def _stop_server(folder: Path) -> None:
    server = psutil.Process(int((folder / "postmaster.pid").read_text().splitlines()[0]))
    if str(folder) in server.cmdline():
        server.terminate()
        server.wait(STOP_S_MAX)
