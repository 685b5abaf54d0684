from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from infra.local_stack import supervisor as supervision
from infra.local_stack.errors import ChildDied, StackError
from infra.local_stack.program import Child, Part, Program
from infra.local_stack.supervisor import Supervisor, in_thread

TELL = """
import signal, sys, time
from pathlib import Path
def end(*_):
    with Path("ends.txt").open("a") as file:
        file.write(sys.argv[1] + "\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
Path(sys.argv[1]).touch()
time.sleep(600)
"""
DIE = "print('out of luck'); raise SystemExit(4)"


def program(folder: Path, part: Part, code: str = TELL) -> Child:
    async def is_ready(_process_id: int) -> bool:
        return (folder / part).exists()

    return Child(
        Program(
            part=part,
            command=(sys.executable, "-c", code, part),
            environment={},
            folder=folder,
            log=folder / f"{part}.log",
            stop_s_max=30,
            is_ready=is_ready,
        )
    )


async def started(folder: Path, *parts: Part) -> Supervisor:
    supervisor = Supervisor(lambda _: None)
    for part in parts:
        await supervisor.start(program(folder, part))
        await supervisor.until_ready(part)
    return supervisor


async def test_parts_stop_before_those_they_need(tmp_path: Path) -> None:
    supervisor = await started(tmp_path, Part.WORKER, Part.API, Part.TEMPORAL)
    stopped: list[Part] = []
    await supervisor.stop_all(lambda part, _: stopped.append(part))
    assert stopped == [Part.API, Part.WORKER, Part.TEMPORAL]
    assert (tmp_path / "ends.txt").read_text().split() == ["api", "worker", "temporal"]


async def test_a_part_that_dies_is_reported_and_the_others_can_be_stopped(tmp_path: Path) -> None:
    supervisor = await started(tmp_path, Part.TEMPORAL)
    await supervisor.start(program(tmp_path, Part.WORKER, DIE))
    death = await supervisor.first_death()
    assert "Worker ended with exit code 4: out of luck" in str(death)
    await supervisor.stop_all(lambda *_: None)
    assert (tmp_path / "ends.txt").read_text().split() == ["temporal"]


async def test_a_part_that_dies_before_it_is_ready_is_no_endless_wait(tmp_path: Path) -> None:
    supervisor = Supervisor(lambda _: None)
    await supervisor.start(program(tmp_path, Part.WORKER, DIE))
    with pytest.raises(ChildDied, match="out of luck"):
        await supervisor.until_ready(Part.WORKER)
    await supervisor.stop_all(lambda *_: None)


async def test_a_part_that_is_never_ready_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervision, "READY_S_MAX", 0.0)
    supervisor = Supervisor(lambda _: None)
    await supervisor.start(program(tmp_path, Part.API, "import time; time.sleep(600)"))
    with pytest.raises(StackError, match="API was not ready after 0 s"):
        await supervisor.until_ready(Part.API)
    await supervisor.stop_all(lambda *_: None)


async def test_a_part_is_killed_and_started_again_on_purpose(tmp_path: Path) -> None:
    noted: list[dict[Part, int]] = []
    supervisor = Supervisor(lambda children: noted.append(dict(children)))
    await supervisor.start(program(tmp_path, Part.WORKER))
    first = supervisor.process_id(Part.WORKER)
    await supervisor.kill(Part.WORKER)
    await supervisor.start_again(Part.WORKER)
    second = supervisor.process_id(Part.WORKER)
    await supervisor.until_ready(Part.WORKER)
    await supervisor.stop_all(lambda *_: None)
    assert noted == [{Part.WORKER: first}, {}, {Part.WORKER: second}, {}]


async def test_in_a_hurry_nobody_gets_time(tmp_path: Path) -> None:
    supervisor = await started(tmp_path, Part.WORKER)
    supervisor.kill_all_now()
    await supervisor.stop_all(lambda *_: None)
    assert not (tmp_path / "ends.txt").exists()


async def test_a_part_that_cannot_be_stopped_keeps_no_other_from_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    supervisor = await started(tmp_path, Part.TEMPORAL, Part.WORKER)
    stop: Callable[[Child], Awaitable[None]] = Child.stop

    async def fail_after_stopping(child: Child) -> None:
        await stop(child)
        if child.part == Part.WORKER:
            raise OSError("no way")

    monkeypatch.setattr(Child, "stop", fail_after_stopping)
    with pytest.raises(OSError, match="no way"):
        await supervisor.stop_all(lambda *_: None)
    assert (tmp_path / "ends.txt").read_text().split() == ["worker", "temporal"]


async def test_a_blocking_call_is_waited_for_and_returns_its_result() -> None:
    assert await in_thread(lambda: 7) == 7
