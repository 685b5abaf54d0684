"""How a command that used Temporal ends its process."""

from __future__ import annotations

import os
import sys
from typing import NoReturn


def leave(code: int) -> NoReturn:
    """End the process at once with an exit code, after everything has been written.

    Temporal's SDK has threads of its own. Taking the interpreter down while one of them calls back
    aborts the process now and then, with the work done and the wrong exit code.
    """
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
