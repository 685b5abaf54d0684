"""Folders in which a database server of its own runs."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def stack_folder() -> Iterator[Path]:
    """Give a folder for a stack, and remove it afterwards.

    It is none of pytest's own: those are below one folder per user, which every run that starts closes
    to all others. Run as root, PostgreSQL belongs to another user and would lose its files by that.
    """
    with tempfile.TemporaryDirectory(prefix="sendalong-stack-", ignore_cleanup_errors=True) as made:
        yield Path(made)
