"""Reads a file of strangers in a process of its own, which ends when it takes too much of anything.

`python -m infra.proofs.examining FILE` is that process.
"""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from infra.proofs.reading import Found, found_in

FILE_BYTES_MAX = 64 * 1024 * 1024
"""Largest file that is looked at: twice a document of all pictures that there can be."""
MEMORY_BYTES_MAX = 2 * 1024 * 1024 * 1024
"""Memory of the process: a page that unfolds to more is none of ours."""
ANSWER_BYTES_MAX = 32 * 1024 * 1024
"""What it may say: a statement of the longest delivery has a tenth of it."""
PROCESSOR_S_MAX = 30
"""Seconds of a processor that it may take; a real document takes one."""
WAIT_S_MAX = 120
"""Seconds after which it is ended, however little it does."""


class Unreadable(Exception):
    """The file cannot be read as a document; the message says why."""


def examined(path: Path) -> Found:
    """Return what a file holds.

    Raises:
        Unreadable: it is no PDF file, or reading it takes too much time or memory.
    """
    with tempfile.TemporaryFile() as answer:
        try:
            done = subprocess.run(  # noqa: S603 -- This program itself, and the path is only opened.
                [sys.executable, "-m", "infra.proofs.examining", str(path.resolve())],
                stdout=answer,
                stderr=subprocess.DEVNULL,
                timeout=WAIT_S_MAX,
                check=False,
            )
        except subprocess.TimeoutExpired as late:
            raise Unreadable("reading it takes too long") from late
        answer.seek(0)
        said = answer.read(ANSWER_BYTES_MAX)
    if done.returncode != 0:
        raise Unreadable("it is no PDF file that can be read")
    found = json.loads(said)
    lists = {name: tuple(found[name]) for name in ("pages", "pictures", "strange")}
    return Found(statement=found["statement"], signature=found["signature"], **lists)


def _be_bounded() -> None:
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES_MAX),
        (resource.RLIMIT_CPU, PROCESSOR_S_MAX),
        (resource.RLIMIT_FSIZE, ANSWER_BYTES_MAX),
    ):
        _, hardest = resource.getrlimit(what)
        limit = most if hardest == resource.RLIM_INFINITY else min(most, hardest)
        resource.setrlimit(what, (limit, hardest))


def main(path: str) -> int:
    """Say as JSON what a file holds; any failure is an exit code."""
    _be_bounded()
    with Path(path).open("rb") as file:
        raw = file.read(FILE_BYTES_MAX)
    sys.stdout.write(found_in(raw).text)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
