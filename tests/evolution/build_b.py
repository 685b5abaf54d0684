"""The next build of the rehearsal: a copy of what a worker runs, with a patched change in its saga."""

from __future__ import annotations

import shutil
from pathlib import Path

from infra.deployment import SOURCES
from infra.local_stack.folder import PROJECT

SAGA = "workflows/delivery.py"
OPENING, CLOSING = "rehearsed-opening", "rehearsed-closing"
"""Patches of the change: of a passage that open deliveries have behind them, and of one before them."""

_OPENING = "        self.is_open = True\n"
_CLOSING = "        await self.forget_methods()\n        return self.status\n"
"""Passages of the saga before which the next build does something more."""


def _more(patch: str) -> str:
    """Return what the next build does besides, for deliveries that come to it first on that build."""
    asks = f'        if workflow.patched("{patch}"):\n'
    return f"{asks}            await workflow.sleep(0.01)\n"


def changed(saga: str) -> str:
    """Return the text of the saga as the next build has it.

    Raises:
        LookupError: the passage that is to be changed is not there any more.
    """
    for patch, passage in ((OPENING, _OPENING), (CLOSING, _CLOSING)):
        if saga.count(passage) != 1:
            raise LookupError(f"name another passage of {SAGA} to rehearse a change of:\n{passage}")
        saga = saga.replace(passage, _more(patch) + passage)
    return saga


def make_build_b(folder: Path) -> None:
    """Write the next build into an empty folder."""
    for name in SOURCES:
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, folder / name)
    saga = folder / SAGA
    saga.write_text(changed(saga.read_text()))
