from __future__ import annotations

import os
import stat
import subprocess
import sys
from base64 import b64decode
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.encryption.rings import read_ring
from infra.local_stack.errors import StackError
from infra.local_stack.folder import LOG_BYTES_MAX, RunningStack, StackFolder

RUNNING = RunningStack(
    supervisor=os.getpid(),
    database_url="postgresql://",
    database_owner_url="postgresql://",
    temporal_address="127.0.0.1:7233",
    api_url="http://127.0.0.1:8080",
    ui_url=None,
)
HOLD = """
import sys
from pathlib import Path
from infra.local_stack.folder import StackFolder
StackFolder(Path(sys.argv[1])).take()
print("taken", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[StackFolder]:
    folder = StackFolder(tmp_path / "data")
    folder.take()
    yield folder
    folder.leave()


@pytest.mark.parametrize("name", ["handover", "signing"])
def test_a_key_is_strong_private_and_stays(folder: StackFolder, name: str) -> None:
    made = {"handover": folder.handover_key, "signing": folder.signing_key}[name]
    key = made()
    assert len(b64decode(key, validate=True)) == 32
    assert stat.S_IMODE((folder.keys / f"{name}.key").stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.keys.stat().st_mode) == 0o700
    assert made() == key


def test_key_encryption_keys_are_made_once_kept_private_and_rotated(folder: StackFolder) -> None:
    path = folder.encryption_keys()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    first = path.read_text()
    assert folder.encryption_keys().read_text() == first
    assert list(read_ring(first)) == ["k1"]
    assert folder.add_encryption_key() == "k2"
    assert path.read_text().endswith(first)
    assert len(b64decode(folder.index_key(), validate=True)) == 32


def test_a_second_stack_on_the_same_folder_is_refused_until_the_first_is_gone(
    tmp_path: Path,
) -> None:
    folder = StackFolder(tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "taken\n"
        assert folder.is_taken()
        with pytest.raises(StackError, match=rf"already running .*process {other.pid}"):
            folder.take()
        other.kill()
    assert not folder.is_taken()
    folder.take()
    folder.leave()


def test_a_place_that_cannot_be_written_gives_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StackError, match=r"^Cannot write to .*: Not a directory\.$"):
        StackFolder(tmp_path / "file" / "data").take()


def test_other_commands_find_the_running_stack_only_while_it_runs(folder: StackFolder) -> None:
    other = StackFolder(folder.path)
    assert other.running() is None
    folder.note_running(RUNNING)
    assert other.running() == RUNNING
    folder.leave()
    assert other.running() is None
    folder.take()
    assert other.running() is None


def test_a_note_of_another_version_counts_as_none(folder: StackFolder) -> None:
    (folder.run / "stack.json").write_text('{"pid": 1}')
    (folder.run / "children.json").write_text("[]")
    assert folder.running() is None
    assert folder.noted_children() == {}


def test_children_are_noted(folder: StackFolder) -> None:
    assert folder.noted_children() == {}
    folder.note_children({"worker": (7, 1.5)})
    assert folder.noted_children() == {"worker": (7, 1.5)}


def test_emptying_removes_what_a_stack_keeps_and_nothing_else(folder: StackFolder) -> None:
    folder.handover_key()
    stranger = folder.path / "letter.txt"
    stranger.touch()
    folder.empty()
    assert stranger.exists()
    assert not folder.keys.exists()
    assert not folder.logs.exists()


def test_long_logs_are_put_aside(folder: StackFolder) -> None:
    log = folder.logs / "api.log"
    log.write_bytes(b"short")
    folder.roll_logs()
    assert log.exists()
    os.truncate(log, LOG_BYTES_MAX + 1)
    folder.roll_logs()
    assert not log.exists()
    assert (folder.logs / "api.log.1").exists()
