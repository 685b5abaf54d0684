"""The files of the phone pages, read once and kept in memory: they are one megabyte in all."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

FOLDER = Path(__file__).parent / "pages"
VENDOR = "vendor/"
"""Where the libraries are, each in a folder that names its version."""
SERVICE_WORKER = "service-worker.js"

MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
"""What is served; other files of the folder, as licences, are not."""
INCOMPRESSIBLE = frozenset({".png"})
COMPRESSION = 6
"""The default of gzip: the megabyte takes a tenth of a second, once."""


@dataclass(frozen=True, slots=True)
class StaticFile:
    """One file as it is served."""

    content: bytes
    compressed: bytes | None
    """The content after gzip; none where that would gain nothing."""
    media_type: str
    tag: str
    """Entity tag: changes with the content; weak, as it is the same for the compressed form."""
    is_lasting: bool
    """Whether its address names its version, so that it never changes."""


@cache
def static_files() -> Mapping[str, StaticFile]:
    """Return every file by its name relative to the folder, with forward slashes."""
    found = {
        path.relative_to(FOLDER).as_posix(): path.read_bytes()
        for path in sorted(FOLDER.rglob("*"))
        if path.suffix in MEDIA_TYPES
    }
    found[SERVICE_WORKER] = _with_shell(found)
    return MappingProxyType({name: _served(name, content) for name, content in found.items()})


def _with_shell(found: Mapping[str, bytes]) -> bytes:
    """Return the service worker, told which files it keeps and by what name this set of them goes.

    A browser takes another service worker when its text differs: so any changed file is noticed.
    """
    whole = sha256()
    for name, content in found.items():
        whole.update(name.encode() + b"\0" + sha256(content).digest())
    shell = {
        "version": whole.hexdigest()[:16],
        "files": [f"/pages/{name}" for name in found if _is_kept(name)],
        "pages": ["/scan", "/show"],
    }
    return b"self.SHELL = " + json.dumps(shell).encode() + b";\n" + found[SERVICE_WORKER]


def _is_kept(name: str) -> bool:
    return name != SERVICE_WORKER and not name.endswith(".html")


def _served(name: str, content: bytes) -> StaticFile:
    suffix = Path(name).suffix
    smaller = None if suffix in INCOMPRESSIBLE else gzip.compress(content, COMPRESSION, mtime=0)
    return StaticFile(
        content=content,
        compressed=smaller if smaller is not None and len(smaller) < len(content) else None,
        media_type=MEDIA_TYPES[suffix],
        tag=f'W/"{sha256(content).hexdigest()[:32]}"',
        is_lasting=name.startswith(VENDOR),
    )
