"""The files of this repository, read once, for the rules of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("activities", "api", "domain", "infra", "workflows")
HIDDEN_BUT_OURS = {".ci", ".gitignore", ".dockerignore"}
FOREIGN = {"__pycache__", "build", "dist", "node_modules", "venv"}

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Source:
    """One Python file of ours."""

    path: str
    """Relative to the root, with forward slashes."""
    text: str
    tree: ast.Module

    @property
    def lines(self) -> int:
        """Number of lines."""
        return len(self.text.splitlines())

    def at(self, node: ast.stmt | ast.expr, name: str = "") -> str:
        """Return `path:line name` of a node."""
        return f"{self.path}:{node.lineno} {name}".rstrip()


@cache
def texts() -> dict[str, str]:
    """Return every text file of the repository by its relative path."""
    found: dict[str, str] = {}
    for file in sorted(_files(ROOT)):
        try:
            text = file.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        if "\0" not in text:
            found[file.relative_to(ROOT).as_posix()] = text
    return found


@cache
def sources() -> tuple[Source, ...]:
    """Return every Python file of the repository."""
    return tuple(
        Source(path, text, ast.parse(text)) for path, text in texts().items() if path[-3:] == ".py"
    )


def packages() -> Iterator[Source]:
    """Return the Python files that run in production."""
    for source in sources():
        if source.path.startswith(tuple(f"{name}/" for name in PACKAGES)) or "/" not in source.path:
            yield source


def sources_of_tests() -> Iterator[Source]:
    """Return the Python files of the tests."""
    return (source for source in sources() if source.path.startswith("tests/"))


def functions(tree: ast.AST) -> Iterator[FunctionNode]:
    """Return every function and method, nested ones included."""
    return (node for node in ast.walk(tree) if isinstance(node, FunctionNode))


def calls(tree: ast.AST) -> Iterator[tuple[ast.Call, str]]:
    """Return every call with the dotted name of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield node, ast.unparse(node.func)


def require_none(offenders: Iterable[str], advice: str) -> None:
    """Fail with what to do and where, unless there is nothing to do."""
    found = sorted(offenders)
    assert not found, "\n".join([advice, *found])


def _files(folder: Path) -> Iterator[Path]:
    for entry in folder.iterdir():
        hidden = entry.name.startswith(".") and entry.name not in HIDDEN_BUT_OURS
        if hidden or entry.name in FOREIGN or entry.name.endswith(".egg-info"):
            continue
        if entry.is_dir():
            yield from _files(entry)
        elif entry.is_file():
            yield entry
