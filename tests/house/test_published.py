"""What is published: pinned by hash, from wherever a machine gets its packages, naming no machine."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator

from tests.house.source import require_none, texts

LOCK = "requirements.lock"
PINNED = re.compile(r"[A-Za-z0-9][\w.-]*(\[[\w,-]+\])?==\S+( ; .+)?")
HASH = re.compile(r"--hash=sha256:[0-9a-f]{64}")
HOME_OF_A_MACHINE = re.compile(r"/(?:work|home|Users|root)/")
# One letter of each in brackets, so that this file does not contain what it looks for.
REGISTRY = re.compile(r"py[p]i\.org|python[h]osted|npm[j]s\.|arti[f]actory|j[f]rog", re.IGNORECASE)


def requirements() -> Iterator[list[str]]:
    """Return each requirement of the lock as its line and its options."""
    entry: list[str] = []
    for line in texts()[LOCK].splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        entry.append(line.removesuffix("\\").strip())
        if not line.endswith("\\"):
            yield entry
            entry = []
    assert not entry, f"{LOCK} ends in the middle of a requirement; run make lock"


def test_every_requirement_is_pinned_by_version_and_hash() -> None:
    require_none(
        (
            f"{LOCK}: {' '.join(entry)[:100]}"
            for entry in requirements()
            if not PINNED.fullmatch(entry[0])
            or len(entry) == 1
            or not all(HASH.fullmatch(option) for option in entry[1:])
        ),
        "Run make lock: each requirement needs one version and its hashes, and no option at all.",
    )


def test_every_dependency_of_the_project_is_in_the_lock() -> None:
    project = tomllib.loads(texts()["pyproject.toml"])["project"]
    extras = (name for group in project["optional-dependencies"].values() for name in group)
    named = {normal(name) for name in (*project["dependencies"], *extras)}
    locked = {normal(entry[0]) for entry in requirements()}
    require_none(named - locked, "Run make lock: these are in pyproject.toml only.")


def normal(requirement: str) -> str:
    name = re.split(r"[^\w.-]", requirement, maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_lock_names_no_address() -> None:
    words = ("://", "--index-url", "--extra-index-url", "--find-links", "--trusted-host", " @ ")
    require_none(
        (
            f"{LOCK}:{number} {line.strip()}"
            for number, line in enumerate(texts()[LOCK].splitlines(), 1)
            if any(word in line for word in words)
        ),
        "Run make lock: where packages come from is the business of the machine.",
    )


def lines_with(pattern: re.Pattern[str]) -> Iterator[str]:
    for path, text in texts().items():
        for number, line in enumerate(text.splitlines(), 1):
            if pattern.search(line):
                yield f"{path}:{number} {line.strip()[:120]}"


def test_no_file_names_a_folder_of_one_machine() -> None:
    require_none(
        lines_with(HOME_OF_A_MACHINE), "Use a path relative to the project or a temporary folder."
    )


def test_no_file_names_a_package_registry() -> None:
    require_none(
        lines_with(REGISTRY), "Leave the address out: the machine knows where packages come from."
    )
