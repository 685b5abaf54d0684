"""One program that the stack runs: how it is started, watched and stopped."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import psutil

from infra.local_stack import launch
from infra.local_stack.errors import ChildDied

LOG_TAIL_BYTES = 8_192
LAST_LINE_CHARACTERS_MAX = 300
"""Longest quotation of a log: one line on a screen or two."""
CLOCK_S_MAX = 2
"""How far two readings of one start time may differ, when the clock was set in between."""
KILL_S_MAX = 5
"""Wait for a killed process: the kernel needs a moment to take it down."""


class Part(StrEnum):
    """The parts of the stack, each after those it needs: they are stopped from the end."""

    POSTGRES = "postgres"
    TEMPORAL = "temporal"
    WORKER = "worker"
    API = "api"
    CODEC = "codec"

    @property
    def label(self) -> str:
        """What it is called in a sentence."""
        return _TITLES[self]


_TITLES: Mapping[Part, str] = {
    Part.POSTGRES: "PostgreSQL",
    Part.TEMPORAL: "Temporal",
    Part.WORKER: "Worker",
    Part.API: "API",
    Part.CODEC: "Codec server",
}


@dataclass(frozen=True, slots=True)
class Program:
    """What to run."""

    part: Part
    command: tuple[str, ...]
    environment: Mapping[str, str]
    """Variables on top of those of the supervisor."""
    folder: Path
    """Working directory."""
    log: Path
    """Where its output goes; appended to."""
    stop_s_max: float
    """Time to end by itself after SIGTERM, in seconds; then it is killed."""
    is_ready: Callable[[int], Awaitable[bool]]
    """Tells whether the process with this id does its work."""


class Child:
    """A program as a child process that lives no longer than this one."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._process: asyncio.subprocess.Process | None = None
        self._log_start = 0

    @property
    def part(self) -> Part:
        """Which part of the stack it is."""
        return self.program.part

    @property
    def process_id(self) -> int:
        """Process id of the last start."""
        return self._started.pid

    @property
    def log(self) -> Path:
        """Where its output goes."""
        return self.program.log

    async def start(self) -> None:
        """Start the program in a session of its own, so that a terminal's Ctrl-C passes it by.

        Start it from the thread that stops it: Linux ties its life to that thread.
        """
        program = self.program
        launcher = (sys.executable, "-I", "-S", launch.__file__, str(os.getpid()))
        with program.log.open("ab") as log:
            self._log_start = log.tell()
            self._process = await asyncio.create_subprocess_exec(
                *launcher,
                *program.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=program.folder,
                env={**os.environ, "PYTHONUNBUFFERED": "1", **program.environment},
                start_new_session=True,
            )

    async def is_ready(self) -> bool:
        """Tell whether it does its work."""
        return await self.program.is_ready(self.process_id)

    async def ended(self) -> None:
        """Wait until the process has ended."""
        await self._started.wait()

    async def stop(self) -> None:
        """Ask the process to end, and kill it with all its children when it takes too long."""
        if self._started.returncode is None:
            with suppress(ProcessLookupError):
                self._started.terminate()
            with suppress(TimeoutError):
                await asyncio.wait_for(self.ended(), self.program.stop_s_max)
        await self.kill()

    async def kill(self) -> None:
        """Kill the process and all its children."""
        self.kill_now()
        await asyncio.wait_for(self.ended(), KILL_S_MAX)

    def kill_now(self) -> None:
        """Kill the process and all its children without waiting for their end."""
        with suppress(ProcessLookupError):
            os.killpg(self.process_id, signal.SIGKILL)

    def death(self) -> ChildDied:
        """Return the one line that says how it ended and where to read more."""
        return ChildDied(
            f"{self.part.label} ended {_how(self._started.returncode)}: {self.last_line()} "
            f"(log: {self.log})"
        )

    def last_line(self) -> str:
        """Return the last line that it wrote since its start."""
        return last_line(self.log, self._log_start)

    @property
    def _started(self) -> asyncio.subprocess.Process:
        assert self._process is not None
        return self._process


def last_line(log: Path, start: int = 0) -> str:
    """Return the last line of a log, from byte `start` on, that says something."""
    try:
        with log.open("rb") as file:
            file.seek(max(start, file.seek(0, os.SEEK_END) - LOG_TAIL_BYTES))
            lines = file.read().decode(errors="replace").splitlines()
    except OSError:
        lines = []
    spoken = [line.strip() for line in lines if line.strip()]
    return spoken[-1][:LAST_LINE_CHARACTERS_MAX] if spoken else "it wrote nothing"


def start_time(process_id: int) -> float | None:
    """Return when a process began, which with its id names it for ever; none when it is gone."""
    try:
        return psutil.Process(process_id).create_time()
    except psutil.NoSuchProcess:
        return None


def end_leftover(process_id: int, began: float) -> bool:
    """Kill a child of a supervisor that died; tell whether that very process still existed."""
    try:
        process = psutil.Process(process_id)
        if abs(process.create_time() - began) > CLOCK_S_MAX:
            return False
        process.kill()
        process.wait(KILL_S_MAX)
    except psutil.NoSuchProcess:
        return False
    return True


def _how(code: int | None) -> str:
    if code is None:
        return "by itself"
    if code < 0:
        return f"by signal {signal.Signals(-code).name}"
    return f"with exit code {code}"
