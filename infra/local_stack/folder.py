"""The folder in which the local stack keeps everything: databases, keys, logs and its lock."""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import shutil
import time
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.encryption.rings import read_ring, with_new_key, write_ring
from infra.local_stack.errors import StackError

PROJECT = Path(__file__).resolve().parents[2]
"""Where the project's files lie."""
KEY_BYTES = 32
"""Length of a key: the strength of the hash that it keys."""
LOG_BYTES_MAX = 10_000_000
"""A longer log is put aside at the next start: nobody reads further back by eye."""
LOCK_WAIT_S = 0.5
"""Wait for the lock: longer than another command looks at it, too short to notice."""


@dataclass(frozen=True, slots=True)
class RunningStack:
    """What other commands need to know of the stack that is running."""

    supervisor: int
    """Process id of the one who started it."""
    database_url: str | None
    """The embedded database; none when `DATABASE_URL` names a real one."""
    database_owner_url: str | None
    """The same for its owner, who migrates."""
    temporal_address: str
    api_url: str
    ui_url: str | None


def default_folder() -> Path:
    """Return `.data` in the project, or what `SENDALONG_DATA` names."""
    return Path(os.environ.get("SENDALONG_DATA") or PROJECT / ".data")


class StackFolder:
    """One data folder, used by at most one stack at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.logs = self.path / "logs"
        self.keys = self.path / "keys"
        self.run = self.path / "run"
        self.postgres = self.path / "postgres"
        self.postgres_draft = self.path / "postgres.new"
        self.temporal = self.path / "temporal"
        self._lock: int | None = None

    @property
    def encryption_key_file(self) -> Path:
        """Where the key-encryption keys are kept."""
        return self.keys / "encryption.keys"

    @property
    def children_record(self) -> Path:
        """Where the process ids of the children are noted."""
        return self.run / "children.json"

    def take(self) -> None:
        """Create the folder and lock it; the lock goes with the process, however it ends.

        Raises:
            StackError: the folder cannot be written, or another stack uses it.
        """
        try:
            for folder in (self.path, self.logs, self.run, self.temporal):
                folder.mkdir(parents=True, exist_ok=True)
            self.keys.mkdir(mode=0o700, exist_ok=True)
            self._lock = self._locked()
        except OSError as error:
            raise StackError(f"Cannot write to {self.path}: {error.strerror}.") from error
        if self._lock is None:
            raise StackError(f"{self.describe_user()} Stop it first, or set SENDALONG_DATA.")

    def leave(self) -> None:
        """Unlock the folder."""
        self.forget_running()
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def is_taken(self) -> bool:
        """Tell whether a stack uses the folder now.

        Raises:
            StackError: it belongs to somebody else.
        """
        try:
            descriptor = os.open(self._lock_file, os.O_RDONLY)
        except FileNotFoundError:
            return False
        except OSError as error:
            raise StackError(f"Cannot read {self.path}: {error.strerror}.") from error
        try:
            return not _flock(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def describe_user(self) -> str:
        """Say who uses the folder."""
        text = self._lock_file.read_text().strip()
        process = f" (process {text})" if text else ""
        return f"Sendalong is already running on {self.path}{process}."

    def handover_key(self) -> str:
        """Return the key of the handover codes in base64; made once, readable by its owner only."""
        return self._kept_key("handover.key")

    def signing_key(self) -> str:
        """Return the key that signs access tokens, in base64; made once, for its owner only."""
        return self._kept_key("signing.key")

    def audit_key(self) -> str:
        """Return the key that signs the roots of the audit, in base64; made once, for its owner only."""
        return self._kept_key("audit.key")

    def proof_key(self) -> str:
        """Return the key that signs proof documents, in base64; made once, for its owner only."""
        return self._kept_key("proof.key")

    def index_key(self) -> str:
        """Return the key of the blind indexes in base64; made once, readable by its owner only."""
        return self._kept_key("index.key")

    def encryption_keys(self) -> Path:
        """Return the file of the key-encryption keys; the first one is made when there is none."""
        if not self.encryption_key_file.exists():
            self._replace(self.encryption_key_file, write_ring(with_new_key({})))
        return self.encryption_key_file

    def codec_token(self) -> str:
        """Return what lets the Web UI ask the codec server; made once, readable by its owner only."""
        path = self.keys / "codec.token"
        if not path.exists():
            self._replace(path, secrets.token_hex(KEY_BYTES))
        return path.read_text().strip()

    def has_keys(self) -> bool:
        """Tell whether a stack has ever made its keys here."""
        return self.encryption_key_file.exists()

    def add_encryption_key(self) -> str:
        """Make a new key-encryption key the current one and return its id; older ones stay."""
        ring = with_new_key(read_ring(self.encryption_keys().read_text()))
        self._replace(self.encryption_key_file, write_ring(ring))
        return next(iter(ring))

    def roll_logs(self) -> None:
        """Put long logs aside, one earlier log of each."""
        for log in self.logs.glob("*.log"):
            if log.stat().st_size > LOG_BYTES_MAX:
                log.replace(log.with_suffix(".log.1"))

    def note_running(self, stack: RunningStack) -> None:
        """Tell other commands how to reach the running stack."""
        self._replace(self._running_record, json.dumps(asdict(stack)))

    def forget_running(self) -> None:
        """Remove the note of the running stack."""
        self._running_record.unlink(missing_ok=True)

    def running(self) -> RunningStack | None:
        """Return how to reach the running stack, or none when none runs."""
        if not self.is_taken():
            return None
        try:
            return RunningStack(**json.loads(self._running_record.read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            # It is just starting or stopping, or another version of this program wrote the note.
            return None

    def note_children(self, children: Mapping[str, tuple[int, float]]) -> None:
        """Note process id and start time of every child, for the start after a crash."""
        self._replace(self.children_record, json.dumps(children))

    def noted_children(self) -> dict[str, tuple[int, float]]:
        """Return the children that the last supervisor left noted."""
        try:
            noted = json.loads(self.children_record.read_text())
            return {name: (int(pid), float(began)) for name, (pid, began) in noted.items()}
        except (FileNotFoundError, ValueError, TypeError, AttributeError):
            return {}

    def empty(self) -> None:
        """Remove what a stack keeps and nothing else: the folder may be one of other things too."""
        kept = (self.logs, self.keys, self.run, self.temporal, self.postgres)
        for folder in (*kept, self.postgres_draft):
            if folder.exists():
                shutil.rmtree(folder)

    @property
    def _lock_file(self) -> Path:
        return self.path / "lock"

    @property
    def _running_record(self) -> Path:
        return self.run / "stack.json"

    def _locked(self) -> int | None:
        """Take the lock, letting go by the short look of another command that asks who has it."""
        descriptor = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        deadline = time.monotonic() + LOCK_WAIT_S
        while not _flock(descriptor, fcntl.LOCK_EX):
            if time.monotonic() > deadline:
                os.close(descriptor)
                return None
            time.sleep(0.02)
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        return descriptor

    def _kept_key(self, name: str) -> str:
        path = self.keys / name
        if not path.exists():
            self._replace(path, b64encode(secrets.token_bytes(KEY_BYTES)).decode())
        return path.read_text().strip()

    @staticmethod
    def _replace(path: Path, text: str) -> None:
        """Write a file whole or not at all, for its owner only: a reader never sees half of it."""
        draft = path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(text)
        draft.replace(path)


def _flock(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
