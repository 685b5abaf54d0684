"""Runs one program so that it cannot outlive its supervisor; a script of its own, started alone.

The request to die with the parent must be made in the child, after the fork. Doing it here, in a
fresh interpreter, is safe where the supervisor has threads; exec then keeps the process id.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PARENT_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG of Linux."""


def main() -> None:
    """Bind this process to its supervisor, then become the program named on the command line."""
    supervisor, *command = sys.argv[1:]
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGKILL)
    if os.getppid() != int(supervisor):
        # The supervisor died before the request was made.
        sys.exit(1)
    try:
        os.execvp(command[0], command)  # noqa: S606
    except OSError as error:
        sys.exit(f"cannot run {command[0]}: {error.strerror}")


if __name__ == "__main__":
    main()
