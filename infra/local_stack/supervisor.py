"""Starts the parts of the stack, watches them, and stops them in order."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol, TypeVar

from infra.local_stack.errors import ChildDied, StackError
from infra.local_stack.program import Part

READY_S_MAX = 60.0
"""Longest wait for one part: a slow machine that starts everything for the first time."""
LOOK_S = 0.05
"""How often a starting part is asked whether it is ready."""

T = TypeVar("T")


class Member(Protocol):
    """A part of the stack that can be started, asked, watched and stopped."""

    @property
    def part(self) -> Part:
        """Which part it is."""
        ...

    @property
    def process_id(self) -> int:
        """Its process id."""
        ...

    @property
    def log(self) -> Path:
        """Where its output goes."""
        ...

    async def start(self) -> None:
        """Start it; it need not be ready."""
        ...

    async def is_ready(self) -> bool:
        """Tell whether it does its work."""
        ...

    async def ended(self) -> None:
        """Wait until its process has ended."""
        ...

    async def stop(self) -> None:
        """Stop it in order, within a time limit of its own."""
        ...

    async def kill(self) -> None:
        """End it at once."""
        ...

    def kill_now(self) -> None:
        """End it at once without waiting, where that loses nothing."""
        ...

    def death(self) -> ChildDied:
        """Return the line that says how it ended."""
        ...

    def last_line(self) -> str:
        """Return the last line it wrote."""
        ...


class Supervisor:
    """The running parts."""

    def __init__(self, note: Callable[[Mapping[Part, int]], None]) -> None:
        """Keep `note` informed of the process ids."""
        self._note = note
        self._members: dict[Part, Member] = {}
        self._watches: dict[Part, asyncio.Task[None]] = {}
        self._leaving: set[Part] = set()
        self._death: asyncio.Future[ChildDied] = asyncio.get_running_loop().create_future()

    async def start(self, member: Member) -> None:
        """Start a part and watch it from now on."""
        self._members[member.part] = member
        await self.start_again(member.part)

    async def start_again(self, part: Part) -> None:
        """Start a part that was killed or stopped."""
        assert part not in self._watches
        member = self._members[part]
        await member.start()
        self._leaving.discard(part)
        self._watches[part] = asyncio.create_task(self._watch(member))
        self._tell()

    async def until_ready(self, part: Part) -> None:
        """Wait until a part does its work.

        Raises:
            ChildDied: it ended instead.
            StackError: it was not ready in time.
        """
        member, watch = self._members[part], self._watches[part]
        deadline = time.monotonic() + READY_S_MAX
        while not await member.is_ready():
            if watch.done():
                raise member.death()
            if time.monotonic() > deadline:
                raise StackError(
                    f"{part.label} was not ready after {READY_S_MAX:.0f} s: {member.last_line()} "
                    f"(log: {member.log})"
                )
            await asyncio.sleep(LOOK_S)

    async def first_death(self) -> ChildDied:
        """Wait until a part ends that nobody asked to end."""
        return await asyncio.shield(self._death)

    def process_id(self, part: Part) -> int:
        """Return the process id of a part."""
        return self._members[part].process_id

    async def kill(self, part: Part) -> None:
        """Kill one part on purpose; the rest goes on."""
        self._leaving.add(part)
        await self._members[part].kill()
        await self._forget(part)

    async def stop(self, part: Part) -> None:
        """Stop one part in order; the rest goes on."""
        self._leaving.add(part)
        await self._members[part].stop()
        await self._forget(part)

    async def stop_all(self, report: Callable[[Part, float], None]) -> None:
        """Stop every part before those it needs, and report how long each took in seconds.

        A part that does not stop never keeps the next from being stopped.
        """
        self._leaving.update(self._members)
        failed: list[Exception] = []
        for part in [part for part in reversed(Part) if part in self._watches]:
            began = time.monotonic()
            try:
                await self.stop(part)
            except Exception as error:  # noqa: BLE001
                failed.append(error)
            else:
                report(part, time.monotonic() - began)
        if failed:
            raise failed[0]

    def kill_all_now(self) -> None:
        """End every part at once, as far as that loses nothing."""
        for part in self._watches:
            self._leaving.add(part)
            self._members[part].kill_now()

    async def _forget(self, part: Part) -> None:
        await self._watches.pop(part)
        self._tell()

    async def _watch(self, member: Member) -> None:
        await member.ended()
        if member.part not in self._leaving and not self._death.done():
            self._death.set_result(member.death())

    def _tell(self) -> None:
        self._note({part: self._members[part].process_id for part in self._watches})


async def in_thread(call: Callable[[], T]) -> T:
    """Run a blocking call in a thread and wait for its end even when cancelled.

    A thread cannot be stopped; leaving it behind would let it work while all around it is stopped.
    """
    work = asyncio.ensure_future(asyncio.to_thread(call))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise
