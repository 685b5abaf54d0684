"""What the documents of the project say, for the rules that hold them to the code."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from itertools import chain

from domain.status import CLOSED, DELIVERY_MOVES, DeliveryStatus
from tests.house.source import ROOT, functions, sources, texts

FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
SPAN = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
OUR_PATH = re.compile(
    r"(?:activities|api|bench|docs|domain|infra|tests|workflows|\.ci)/[\w./-]*(?:::\w+)?"
)


def documents() -> dict[str, str]:
    """Return the text of every document by its path."""
    return {path: text for path, text in texts().items() if path.endswith(".md")}


def commands(text: str) -> Iterator[str]:
    """Return every line of code in a document, inline or in a block."""
    for block in FENCE.findall(text):
        yield from block.splitlines()[1:-1]
    yield from SPAN.findall(FENCE.sub("", text))


def links(text: str) -> Iterator[str]:
    """Return the targets of links to files of ours or to headings."""
    for target in LINK.findall(FENCE.sub("", text)):
        if not re.match(r"[a-z]+:", target):
            yield target


def anchors(text: str) -> set[str]:
    """Return the anchors that the headings of a document make."""
    titles = re.findall(r"^#+ (.+)$", FENCE.sub("", text), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def is_there(reference: str) -> bool:
    """Tell whether `path` or `path::test` names something of this repository."""
    path, _, name = reference.partition("::")
    if not name:
        return (ROOT / path).exists()
    return any(
        name in defined_names(source.tree)
        for source in sources()
        if source.path == path.rstrip("/")
    )


def defined_names(tree: ast.Module) -> set[str]:
    """Return the names of functions and classes of a module."""
    classes = (node for node in ast.walk(tree) if isinstance(node, ast.ClassDef))
    return {node.name for node in chain(functions(tree), classes)}


def state_diagram() -> str:
    """Return the diagram of the moves that a delivery can make, in mermaid."""
    moves = [
        f"    {old} --> {new}"
        for old in DeliveryStatus
        for new in DeliveryStatus
        if new in DELIVERY_MOVES[old]
    ]
    ends = [f"    {status} --> [*]" for status in DeliveryStatus if status in CLOSED]
    first = f"    [*] --> {DeliveryStatus.REQUESTED}"
    return "\n".join(["```mermaid", "stateDiagram-v2", first, *moves, *ends, "```"])
