"""The command `sendalong`: run the system on one machine and look after it.

Nothing heavy is imported before a subcommand needs it, so that help and mistakes answer at once.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import NoReturn

from infra.cli.arguments import parser
from infra.leaving import leave
from infra.local_stack.errors import StackError

INTERRUPTED = 130
"""Exit code of a command that Ctrl-C ended, as shells have it."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one subcommand and return its exit code; a failure is one line, never a traceback."""
    options = parser().parse_args(arguments)
    try:
        code: int = options.run(options)
    except StackError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def run() -> NoReturn:
    """Be the command `sendalong`."""
    leave(main())
