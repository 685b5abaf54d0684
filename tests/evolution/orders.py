"""The orders of commands that are kept beside the recorded histories, one command per line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from temporalio.client import WorkflowHistory

from tests.evolution.commands import replayed
from workflows.every import WORKFLOWS

FOLDER = Path(__file__).parent.parent / "histories"


def names() -> list[str]:
    """Return the names of all recorded histories."""
    return sorted(path.stem for path in FOLDER.glob("*.json"))


def history(name: str) -> WorkflowHistory:
    """Return a recorded history."""
    return WorkflowHistory.from_json(name, (FOLDER / f"{name}.json").read_text())


def kept_order(name: str) -> Sequence[str]:
    """Return the commands that a recorded workflow gave, in order; none where they are not kept."""
    path = _path(name)
    return path.read_text().splitlines() if path.exists() else ()


async def write_missing_orders() -> list[str]:
    """Write down the order of every history that has none yet; return their names."""
    missing = [name for name in names() if not _path(name).exists()]
    asked, failures = await replayed(WORKFLOWS, map(history, missing))
    if failures:
        raise AssertionError(f"these do not replay: {failures}")
    for name in missing:
        _path(name).write_text("\n".join([*asked[name], ""]))
    return missing


def _path(name: str) -> Path:
    return FOLDER / f"{name}.commands"
