from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from infra.local_stack.program import Child, Part, Program, end_leftover, last_line, start_time
from tests.waiting import until

STUBBORN = "import signal,time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('here', flush=True); time.sleep(600)"
POLITE = "import signal,sys,time; signal.signal(signal.SIGTERM, lambda *_: sys.exit(0)); print('here', flush=True); time.sleep(600)"
SUPERVISE = """
import asyncio, sys
from pathlib import Path
from tests.infra.local_stack.test_program import SLEEP, child
async def main():
    sleeper = child(Path(sys.argv[1]), SLEEP)
    await sleeper.start()
    print(sleeper.process_id, flush=True)
    await sleeper.ended()
asyncio.run(main())
"""
SLEEP = "import time; time.sleep(600)"


async def at_once(_process_id: int) -> bool:
    return True


def child(
    folder: Path, code: str, *, stop_s_max: float = 30, command: str = sys.executable
) -> Child:
    return Child(
        Program(
            part=Part.WORKER,
            command=(command, "-c", code),
            environment={"WHO": "a test"},
            folder=folder,
            log=folder / "worker.log",
            stop_s_max=stop_s_max,
            is_ready=at_once,
        )
    )


async def has_said(one: Child, word: str) -> None:
    async def said() -> bool:
        return one.last_line() == word

    await until(said)


async def test_a_child_that_ends_by_itself_is_described_in_one_line(tmp_path: Path) -> None:
    one = child(tmp_path, "print('before'); print('broken'); print(); raise SystemExit(3)")
    await one.start()
    await one.ended()
    assert str(one.death()) == (
        f"Worker ended with exit code 3: broken (log: {tmp_path / 'worker.log'})"
    )


async def test_only_what_was_said_since_the_last_start_is_quoted(tmp_path: Path) -> None:
    (tmp_path / "worker.log").write_text("an old line\n")
    one = child(tmp_path, "raise SystemExit(1)")
    await one.start()
    await one.ended()
    assert "it wrote nothing" in str(one.death())


async def test_a_child_gets_its_environment_and_folder(tmp_path: Path) -> None:
    one = child(tmp_path, "import os; print(os.environ['WHO'], os.getcwd())")
    await one.start()
    await one.ended()
    assert one.last_line() == f"a test {tmp_path}"


async def test_a_program_that_does_not_exist_is_named(tmp_path: Path) -> None:
    one = child(tmp_path, "", command="no-such-program")
    await one.start()
    await one.ended()
    assert "cannot run no-such-program: No such file or directory" in str(one.death())


async def test_stopping_lets_a_child_end_by_itself(tmp_path: Path) -> None:
    one = child(tmp_path, POLITE)
    await one.start()
    await has_said(one, "here")
    await one.stop()
    assert "exit code 0" in str(one.death())


async def test_a_child_that_does_not_stop_is_killed(tmp_path: Path) -> None:
    one = child(tmp_path, STUBBORN, stop_s_max=0.05)
    await one.start()
    await has_said(one, "here")
    await one.stop()
    assert "by signal SIGKILL" in str(one.death())
    await one.stop()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems end leftovers at the next start")
def test_no_child_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", SUPERVISE, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as supervisor:
        assert supervisor.stdout is not None
        sleeper = psutil.Process(int(supervisor.stdout.readline()))
        supervisor.kill()
    psutil.wait_procs([sleeper], timeout=30)
    assert not sleeper.is_running() or sleeper.status() == psutil.STATUS_ZOMBIE


def test_a_leftover_is_ended_only_if_it_is_the_very_process() -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP]) as sleeper:
        began = start_time(sleeper.pid)
        assert began is not None
        assert not end_leftover(sleeper.pid, began - 1_000)
        assert sleeper.poll() is None
        assert end_leftover(sleeper.pid, began)
    assert not end_leftover(sleeper.pid, began)
    assert start_time(sleeper.pid) is None


def test_the_last_line_of_a_log_that_is_missing() -> None:
    assert last_line(Path("/nowhere/at-all.log")) == "it wrote nothing"
