"""Sizes, names and words: a reader can hold every file and function in the head."""

from __future__ import annotations

import ast
import re
from statistics import median

from tests.house.source import FunctionNode, calls, functions, packages, require_none, sources

FUNCTION_LINES_MAX, FUNCTION_LINES_MEDIAN = 60, 12
FILE_LINES_MAX, FILE_LINES_MEDIAN = 350, 120
SAYS_NOTHING = {"util", "utils", "helper", "helpers", "manager", "managers", "data"}
SAYS_SOMETHING = {"data_received", "process_id"}
"""A process of the operating system is a thing, not a verb that says nothing."""
MAY_PRINT = ("infra/cli/", "infra/demo/")


def length(function: FunctionNode) -> int:
    return (function.end_lineno or function.lineno) - function.lineno + 1


def test_no_function_is_too_long() -> None:
    require_none(
        (
            source.at(function, f"{function.name} has {length(function)} lines")
            for source in sources()
            for function in functions(source.tree)
            if length(function) > FUNCTION_LINES_MAX
        ),
        f"Move parts of these functions to functions of their own: at most {FUNCTION_LINES_MAX}"
        " lines each.",
    )


def test_most_functions_are_short() -> None:
    middle = median(length(node) for source in sources() for node in functions(source.tree))
    assert middle <= FUNCTION_LINES_MEDIAN, "Split functions that do two things."


def test_no_file_is_too_long() -> None:
    require_none(
        (
            f"{source.path} has {source.lines} lines"
            for source in sources()
            if source.lines > FILE_LINES_MAX
        ),
        f"Split these files by what they are about: at most {FILE_LINES_MAX} lines each.",
    )


def test_most_files_are_short() -> None:
    middle = median(source.lines for source in sources() if not source.path.endswith("__init__.py"))
    assert middle <= FILE_LINES_MEDIAN, (
        f"Half of the files have more than {middle} lines, allowed are {FILE_LINES_MEDIAN}:"
        " split the long ones by what they are about."
    )


def words(name: str) -> set[str]:
    """Return the words of a name in snake_case or CamelCase."""
    return set(re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower().split("_"))


def says_nothing(name: str) -> bool:
    if name in SAYS_SOMETHING:
        return False
    return bool(words(name) & SAYS_NOTHING) or name.lower().lstrip("_").startswith("process_")


def test_names_say_what_the_thing_is() -> None:
    files = (
        source.path
        for source in sources()
        if any(says_nothing(part.removesuffix(".py")) for part in source.path.split("/"))
    )
    named = (
        source.at(node, node.name)
        for source in sources()
        for node in ast.walk(source.tree)
        if isinstance(node, FunctionNode | ast.ClassDef) and says_nothing(node.name)
    )
    require_none(
        [*files, *named],
        "Name these after what they are or do; utils, helpers, manager, data and process_ say"
        " nothing.",
    )


def test_only_the_command_line_prints() -> None:
    require_none(
        (
            source.at(call)
            for source in packages()
            if not source.path.startswith(MAY_PRINT)
            for call, name in calls(source.tree)
            if name == "print"
        ),
        f"Log this instead; only {' and '.join(MAY_PRINT)} talk to a person.",
    )
